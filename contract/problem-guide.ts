/** Meaning and remedy of each problem, for the API documents and the problems page. */
import type { ProblemCode } from './errors.ts';

export interface ProblemGuide {
  /** When it occurs. */
  readonly meaning: string;
  /** What the client should do. */
  readonly remedy: string;
  /** An example of `detail`. */
  readonly detail: string;
}

const tryAgain = 'Retry after `Retry-After` seconds, with increasing delays.';

export const problemGuide: Readonly<Record<ProblemCode, ProblemGuide>> = {
  bad_request: {
    meaning: 'The request is not well-formed HTTP, or its path cannot be read.',
    remedy: 'Check the URL, its percent-encoding and the headers. Retrying unchanged fails again.',
    detail: 'The path is not a valid URL.',
  },
  malformed_json: {
    meaning: 'The body is not JSON in UTF-8.',
    remedy: 'Send valid JSON in UTF-8. A member named `__proto__` is refused.',
    detail: 'The body is not valid JSON.',
  },
  invalid_code: {
    meaning: 'The one-time code is wrong, used, expired or unknown.',
    remedy: 'Enter the newest code while guesses are left, or request a new one.',
    detail: 'That code is not right. 4 guesses are left.',
  },
  invalid_signature: {
    meaning: 'The webhook signature is missing, wrong or too old.',
    remedy: 'Set `STRIPE_WEBHOOK_SECRET` to the signing secret of this endpoint and check the clock.',
    detail: 'The signature does not match the body.',
  },
  invalid_token: {
    meaning: 'The token is missing, invalid or expired, or its session has ended.',
    remedy: 'Refresh the tokens at `POST /auth/refresh`; if that fails too, sign in again.',
    detail: 'Sign in and send the access token as Authorization: Bearer.',
  },
  forbidden: {
    meaning:
      'A web page of another origin asked for something that only our own pages and those the operator named may use.',
    remedy: 'Operators: name the origin in `CORS_ORIGINS`.',
    detail: 'Pages of this origin may not open the live feed.',
  },
  plan_required: {
    meaning: 'The model is part of other plans than yours.',
    remedy: 'Choose a model that `GET /models` shows as available, or change the plan (`GET /plans`).',
    detail: 'Your plan does not have this model.',
  },
  not_found: {
    meaning: 'It does not exist, or it belongs to another user.',
    remedy: 'Check the path and the id.',
    detail: 'There is nothing here.',
  },
  request_timeout: {
    meaning: 'The request did not arrive completely in time.',
    remedy: 'Send it again on a better connection.',
    detail: 'The request did not arrive completely in time.',
  },
  already_subscribed: {
    meaning: 'You are already subscribed to Pro.',
    remedy: 'Manage the plan at `POST /subscribe/portal`.',
    detail: 'You are already subscribed to Pro.',
  },
  request_in_flight: {
    meaning: 'A request with the same `Idempotency-Key` is still in progress.',
    remedy: 'Repeat the same request after a second to get the response of the first one.',
    detail: 'A request with this Idempotency-Key is still being handled.',
  },
  reply_finished: {
    meaning: 'The reply is finished and cannot be stopped.',
    remedy: 'Read it, or request another one with `regenerate`.',
    detail: 'This reply is finished already.',
  },
  head_moved: {
    meaning: 'The path of the room does not end at `if_head_id` any more: another device sent or chose something.',
    remedy: 'Read the path again, which ends at `head_id`, and decide whether to send.',
    detail: 'This chat was continued elsewhere in the meantime.',
  },
  reply_unfinished: {
    meaning: 'A reply to the same message is unfinished.',
    remedy: 'Stop it first, or wait until it is finished.',
    detail: 'A reply to this message is still being written. Stop it first, or wait.',
  },
  limit_reached: {
    meaning: 'There are as many of these as there may be, or this one is larger than may be. Nothing was added.',
    remedy: 'Delete one, then send the request again.',
    detail: 'You can have 100 of these at most. Delete one first.',
  },
  last_admin: {
    meaning: 'This is the only administrator. Nothing was changed.',
    remedy: 'Give the role to another account first.',
    detail: 'This is the only administrator. Give the role to somebody else first.',
  },
  storage_full: {
    meaning: 'With this file, your files might take more than your plan stores. Nothing was stored.',
    remedy: 'Delete files, or choose a larger plan.',
    detail: 'Your files take all of the 100 MB that your plan stores. Delete some first.',
  },
  body_too_large: {
    meaning: 'The body is larger than the operation takes.',
    remedy: 'Send less.',
    detail: 'The body is too large for this operation.',
  },
  unsupported_media_type: {
    meaning: 'The operation does not accept the media type of the body.',
    remedy: 'Send `Content-Type: application/json`.',
    detail: 'Send the body as application/json.',
  },
  range_not_satisfiable: {
    meaning: '`Range` begins after the end of the content.',
    remedy: 'Ask for bytes within the length that `Content-Range` names, or leave `Range` out.',
    detail: 'The range begins after the end of the file.',
  },
  validation_failed: {
    meaning: 'Some fields of the request are invalid.',
    remedy: 'Correct the fields listed in `errors`. Retrying unchanged fails again.',
    detail: 'Some fields are invalid; see errors.',
  },
  idempotency_key_reused: {
    meaning: 'The `Idempotency-Key` was used for another message within 24 hours.',
    remedy: 'Use a new key for each message, such as a UUID.',
    detail: 'This Idempotency-Key was used for another message.',
  },
  upgrade_required: {
    meaning: 'The operation is a WebSocket (RFC 6455), and the request does not open one.',
    remedy: 'Open the address with a WebSocket client.',
    detail: 'Open a WebSocket here, version 13.',
  },
  too_many_unfinished: {
    meaning: 'The account has too many unfinished replies. Nothing was charged.',
    remedy: 'Wait for one of them or stop one, then send the message again.',
    detail: 'You have 20 replies that are not finished. Wait for one of them, or stop one.',
  },
  daily_limit_reached: {
    meaning: 'The daily limit of the plan is reached. Days are UTC.',
    remedy: 'Wait until `resets_at`, or upgrade at `upgrade_url`, which is there if a plan with more messages is sold.',
    detail: 'You have used your 5 messages of today. They come back at 2026-11-24T00:00:00.000Z; Pro has no limit.',
  },
  budget_reached: {
    meaning: 'The models have cost what your plan has for a calendar month (UTC). Nothing was charged.',
    remedy: 'Wait for `Retry-After` seconds: a minute at most while only unfinished replies stand in the way.',
    detail: "Your plan's budget for this month is used up. It starts again at 2026-12-01T00:00:00.000Z.",
  },
  too_many_codes: {
    meaning: 'Too many one-time codes were requested for this number, from this address, or in all.',
    remedy: 'Wait for `Retry-After` seconds. The last code remains valid for five minutes.',
    detail: 'Too many codes were requested. Try again in 42 s.',
  },
  too_many_guesses: {
    meaning:
      'Too many wrong codes were tried for this number from your network, or in all. Devices that are signed in stay so.',
    remedy: 'Wait for `Retry-After` seconds.',
    detail: 'Too many wrong codes. From here codes for this number work again in 58 min.',
  },
  too_many_requests: {
    meaning: 'Too many requests of this kind came from this account or this address.',
    remedy: 'Wait for `Retry-After` seconds.',
    detail: 'Too many requests of this kind in a minute. Try again in 12 s.',
  },
  headers_too_large: {
    meaning: 'The URL and the header fields are larger than 16 KiB in all.',
    remedy: 'Send a shorter URL, and fewer or shorter headers.',
    detail: 'The URL and the header fields are too large.',
  },
  internal_error: {
    meaning: 'Something went wrong on our side. It has been logged under the request id.',
    remedy: 'Try again later; if it stays, tell the operator the `request_id`.',
    detail: 'Something went wrong on our side. The request id helps us find it.',
  },
  service_budget_reached: {
    meaning: 'The models have cost what this service may spend in a day. Nothing was charged.',
    remedy: 'Try again later. Operators: see `SERVICE_DAILY_COST_USD`.',
    detail: 'This service has reached its limit for today; try again tomorrow.',
  },
  billing_not_configured: {
    meaning: 'This server sells nothing: its operator has not connected Stripe.',
    remedy: 'Operators: set `STRIPE_SECRET_KEY`, `STRIPE_WEBHOOK_SECRET` and `STRIPE_PRO_PRICE_ID`.',
    detail: 'Billing is not set up on this server.',
  },
  billing_unavailable: {
    meaning: 'Stripe could not be reached.',
    remedy: tryAgain,
    detail: 'Stripe cannot be reached; try again in a moment.',
  },
  service_unavailable: {
    meaning: 'The database, or another part this request needs, cannot be reached. Nothing was changed by halves.',
    remedy: `${tryAgain} Send an \`Idempotency-Key\` with messages so that none is asked twice.`,
    detail: 'The database cannot be reached; try again in a moment.',
  },
  overloaded: {
    meaning: 'More requests came than this server can answer, and this one was turned away untouched.',
    remedy: tryAgain,
    detail: 'This server is overloaded. Try again in a moment.',
  },
};
