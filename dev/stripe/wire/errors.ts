/** The errors Stripe's API answers with, in its own JSON shape (https://docs.stripe.com/api/errors). */

interface ErrorBody {
  type: 'api_error' | 'card_error' | 'idempotency_error' | 'invalid_request_error';
  message: string;
  code?: string;
  param?: string;
  doc_url?: string;
}

export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly body: ErrorBody;

  constructor(status: number, body: ErrorBody) {
    super(body.message);
    this.status = status;
    this.body = body.code ? { ...body, doc_url: `https://stripe.com/docs/error-codes/${dashed(body.code)}` } : body;
  }
}

/** A 400 for a request that makes no sense, or that the object's state forbids. */
export function invalid(message: string, more: { code?: string; param?: string } = {}): ApiError {
  return new ApiError(400, { type: 'invalid_request_error', message, ...more });
}

/** A required parameter that was not sent. */
export function missingParam(param: string): ApiError {
  return invalid(`Missing required param: ${param}.`, { code: 'parameter_missing', param });
}

/** No such object: 404 when the id was in the path, 400 when it was a parameter. */
export function noSuch(kind: string, id: string, param: string): ApiError {
  const message = `No such ${kind}: '${id}'`;
  const status = param === 'id' ? 404 : 400;
  return new ApiError(status, { type: 'invalid_request_error', code: 'resource_missing', message, param });
}

function dashed(code: string): string {
  return code.replaceAll('_', '-');
}
