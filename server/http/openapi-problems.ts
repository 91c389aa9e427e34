/** Error responses of the OpenAPI document: one shared response for each set of codes. */
import { problemsOf, type Endpoint, type ResponseHeader } from '../../contract/endpoint.ts';
import { Problem, problems, problemType, type ProblemCode } from '../../contract/errors.ts';
import { rateLimitHeaders } from '../../contract/messages.ts';
import { problemGuide } from '../../contract/problem-guide.ts';
import { describeHeaders } from './openapi-operation.ts';
import { plainSchema } from './openapi-schema.ts';

/** The error responses of an operation by status. Adds new ones to `shared`, the document's components. */
export function problemResponses(endpoint: Endpoint, shared: Record<string, object>): Record<string, object> {
  const byStatus = Map.groupBy(problemsOf(endpoint), (code) => problems[code].status);
  return Object.fromEntries(
    [...byStatus].map(([status, unsorted]) => {
      const codes = unsorted.toSorted();
      const name = codes.join('.');
      shared[name] ??= describe(status, codes);
      return [status, { $ref: `#/components/responses/${name}` }];
    }),
  );
}

function describe(status: number, codes: readonly ProblemCode[]): object {
  return {
    description: codes.map((code) => `\`${code}\`: ${problemGuide[code].meaning}`).join('\n\n'),
    headers: describeHeaders(Object.assign({}, ...codes.map(headersOf))),
    content: {
      'application/problem+json': {
        schema: {
          allOf: [plainSchema(Problem), { properties: { status: { const: status }, code: { enum: codes } } }],
        },
        examples: Object.fromEntries(
          codes.map((code) => [code, { summary: problems[code].title, value: exampleOf(code) }]),
        ),
      },
    },
  };
}

const authenticate = { description: '`Bearer`.', schema: { type: 'string', examples: ['Bearer'] } };
const retryAfter = {
  description: 'Seconds to wait before trying again.',
  schema: { type: 'integer', minimum: 1, examples: [30] },
};

const upgrade = {
  upgrade: { description: 'The protocol to ask for.', schema: { type: 'string', examples: ['websocket'] } },
};

function headersOf(code: ProblemCode): Record<string, ResponseHeader> {
  const { status } = problems[code];
  return {
    ...(status === 401 && { 'www-authenticate': authenticate }),
    ...((status === 429 || status === 503 || code === 'request_in_flight') && { 'retry-after': retryAfter }),
    ...(code === 'daily_limit_reached' && rateLimitHeaders),
    ...(code === 'upgrade_required' && upgrade),
  };
}

const moreMembers: Partial<Record<ProblemCode, object>> = {
  validation_failed: { errors: [{ pointer: '/content', detail: 'must NOT have fewer than 1 characters' }] },
  budget_reached: { resets_at: '2026-12-01T00:00:00.000Z' },
  daily_limit_reached: { resets_at: '2026-11-24T00:00:00.000Z', upgrade_url: '/subscribe/pro' },
};

function exampleOf(code: ProblemCode): object {
  const { status, title } = problems[code];
  return {
    type: problemType(code),
    title,
    status,
    detail: problemGuide[code].detail,
    code,
    ...moreMembers[code],
    request_id: '4f9c1c1e-9f5b-4b52-8f6e-6f3d2f1f0a77',
  };
}
