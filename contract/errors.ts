/** The closed list of error codes, and the RFC 9457 shape of every error response. */
import { Type, type Static } from 'typebox';
import { Nullable } from './shapes.ts';

/** Every error code with its status and title. Stable: add, never rename. */
export const problems = {
  bad_request: { status: 400, title: 'Bad request' },
  malformed_json: { status: 400, title: 'Malformed JSON' },
  invalid_code: { status: 400, title: 'Invalid code' },
  invalid_signature: { status: 400, title: 'Invalid signature' },
  invalid_token: { status: 401, title: 'Sign-in required' },
  forbidden: { status: 403, title: 'Forbidden' },
  plan_required: { status: 403, title: 'Another plan required' },
  not_found: { status: 404, title: 'Not found' },
  request_timeout: { status: 408, title: 'Request timeout' },
  already_subscribed: { status: 409, title: 'Already subscribed' },
  request_in_flight: { status: 409, title: 'Request still in flight' },
  reply_finished: { status: 409, title: 'Reply already finished' },
  head_moved: { status: 409, title: 'Path moved' },
  reply_unfinished: { status: 409, title: 'Reply not finished yet' },
  limit_reached: { status: 409, title: 'Limit reached' },
  last_admin: { status: 409, title: 'Last administrator' },
  storage_full: { status: 409, title: 'Storage full' },
  body_too_large: { status: 413, title: 'Body too large' },
  unsupported_media_type: { status: 415, title: 'Unsupported media type' },
  range_not_satisfiable: { status: 416, title: 'Range not satisfiable' },
  validation_failed: { status: 422, title: 'Validation failed' },
  idempotency_key_reused: { status: 422, title: 'Idempotency-Key reused' },
  upgrade_required: { status: 426, title: 'Upgrade required' },
  too_many_unfinished: { status: 429, title: 'Too many unfinished replies' },
  daily_limit_reached: { status: 429, title: 'Daily limit reached' },
  budget_reached: { status: 429, title: 'Monthly budget reached' },
  too_many_codes: { status: 429, title: 'Too many codes' },
  too_many_guesses: { status: 429, title: 'Too many wrong guesses' },
  too_many_requests: { status: 429, title: 'Too many requests' },
  headers_too_large: { status: 431, title: 'Header fields too large' },
  internal_error: { status: 500, title: 'Internal error' },
  service_budget_reached: { status: 503, title: 'Daily budget of the service reached' },
  billing_not_configured: { status: 503, title: 'Billing not configured' },
  billing_unavailable: { status: 503, title: 'Billing unavailable' },
  service_unavailable: { status: 503, title: 'Service unavailable' },
  overloaded: { status: 503, title: 'Overloaded' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemCode = keyof typeof problems;

export const problemCodes = Object.keys(problems) as ProblemCode[];

/** The `type` of a problem: a link to its explanation. */
export function problemType(code: ProblemCode): string {
  return `/problems#${code.replaceAll('_', '-')}`;
}

/** An invalid field of a 422. `pointer` is an RFC 6901 JSON pointer into the body, or `/query/…`, `/path/…`, `/header/…`. */
export const FieldError = Type.Object(
  {
    pointer: Type.String({
      description: 'RFC 6901 pointer into the body, or `/query/…`, `/path/…`, `/header/…`.',
      examples: ['/content'],
    }),
    detail: Type.String({
      description: 'Why the value is invalid.',
      examples: ['must NOT have fewer than 1 characters'],
    }),
  },
  { title: 'FieldError' },
);
export type FieldError = Static<typeof FieldError>;

/** `application/problem+json` (RFC 9457). */
export const Problem = Type.Object(
  {
    type: Type.String({
      format: 'uri-reference',
      description: 'Identifies the kind of problem and links to its explanation.',
    }),
    title: Type.String({ description: 'The kind of problem.' }),
    status: Type.Integer({ minimum: 400, maximum: 599, description: 'The HTTP status.' }),
    detail: Type.String({ description: 'A sentence for the user.' }),
    code: Type.Enum(problemCodes, { description: 'A stable code for programs.' }),
    errors: Type.Optional(Type.Array(FieldError, { description: 'On 422: one entry for each invalid field.' })),
    request_id: Type.String({ description: 'Also in `x-request-id` and in the logs.' }),
    resets_at: Type.Optional(
      Type.String({ format: 'date-time', description: 'On `daily_limit_reached` and `budget_reached`.' }),
    ),
    head_id: Type.Optional(
      Nullable(Type.Integer({ description: 'On `head_moved`: where the path of the room ends.' })),
    ),
    upgrade_url: Type.Optional(
      Type.String({ description: 'On `daily_limit_reached`: where to upgrade, if a plan with more messages is sold.' }),
    ),
  },
  { title: 'Problem' },
);
export type Problem = Static<typeof Problem>;
