/** A refusal of the API (RFC 9457), and the failure to reach it at all. */
import type { Problem, ProblemCode } from '../../contract/errors.ts';

/** Thrown for every answer that is not 2xx. `code` may be one this client does not know yet. */
export class ApiProblem extends Error {
  readonly status: number;
  readonly code: ProblemCode | (string & {});
  readonly problem: Problem & { readonly resets_at?: string; readonly upgrade_url?: string };
  /** From `Retry-After`; null when the answer has none. */
  readonly retryAfterSeconds: number | null;

  constructor(problem: Problem, retryAfterSeconds: number | null) {
    super(problem.detail);
    this.status = problem.status;
    this.code = problem.code;
    this.problem = problem;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** Thrown when no answer came: offline, or the server is away. Whether the request was handled is not known. */
export class Unreachable extends Error {}

/** Reads a refusal; what is not problem+json (a proxy's page, say) becomes one. */
export async function readProblem(response: Response): Promise<ApiProblem> {
  const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN);
  const text = await response.text().catch(() => '');
  return new ApiProblem(parse(text, response.status), Number.isFinite(retryAfter) ? retryAfter : null);
}

function parse(text: string, status: number): Problem {
  try {
    const body = JSON.parse(text) as Partial<Problem>;
    if (typeof body.code === 'string') return body as Problem;
  } catch {
    // Not from the API.
  }
  const code = status >= 500 ? 'service_unavailable' : 'bad_request';
  return { type: 'about:blank', title: '', status, detail: '', code, request_id: '' };
}
