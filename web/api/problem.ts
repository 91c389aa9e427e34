/** Errors of API calls: a problem document (RFC 9457), or no response. */
import type { Problem, ProblemCode } from '../../contract/errors.ts';

/** Thrown for every response that is not 2xx. `code` may be unknown to this client. */
export class ApiProblem extends Error {
  readonly status: number;
  readonly code: ProblemCode | (string & {});
  readonly problem: Problem & { readonly resets_at?: string; readonly upgrade_url?: string };
  /** From `Retry-After`; null if absent. */
  readonly retryAfterSeconds: number | null;

  constructor(problem: Problem, retryAfterSeconds: number | null) {
    super(problem.detail);
    this.status = problem.status;
    this.code = problem.code;
    this.problem = problem;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** Thrown without a response: offline, or the server is unavailable. The request may have been handled. */
export class Unreachable extends Error {}

/** Parses an error response; other content, such as a proxy's page, is converted to a problem. */
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
    // Not a response of the API.
  }
  const code = status >= 500 ? 'service_unavailable' : 'bad_request';
  return { type: 'about:blank', title: '', status, detail: '', code, request_id: '' };
}
