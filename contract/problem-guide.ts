/** What each problem means and what to do about it: for the API documents and for people who followed a `type`. */
import type { ProblemCode } from './errors.ts';

export interface ProblemGuide {
  /** When it is answered. */
  readonly meaning: string;
  /** What whoever meets it should do. */
  readonly remedy: string;
  /** A `detail` as it may read. */
  readonly detail: string;
}

const tryAgain = 'Try again after the seconds named by `Retry-After`, waiting longer each time.';

export const problemGuide: Readonly<Record<ProblemCode, ProblemGuide>> = {
  bad_request: {
    meaning: 'The request is not well-formed HTTP, or its path cannot be read.',
    remedy: 'Check the URL, its percent-encoding and the headers. Sending the same again gives the same.',
    detail: 'The path is not a valid URL.',
  },
  malformed_json: {
    meaning: 'The body is not JSON in UTF-8.',
    remedy: 'Send valid JSON in UTF-8. The member `__proto__` is never taken.',
    detail: 'The body is not valid JSON.',
  },
  invalid_code: {
    meaning: 'The one-time code is wrong, used, expired, or unknown. All look alike.',
    remedy: 'Type the newest code again while guesses are left, or ask for a new one.',
    detail: 'That code is not right. 4 guesses are left.',
  },
  invalid_signature: {
    meaning: 'The webhook was not signed by Stripe with the secret of this service, or too long ago.',
    remedy: 'Set `STRIPE_WEBHOOK_SECRET` to the signing secret of this endpoint and check the clock.',
    detail: 'The signature does not match the body.',
  },
  invalid_token: {
    meaning: 'There is no token, or it is forged, expired, or of a session that has ended.',
    remedy: 'Trade the refresh token for a new pair at `POST /auth/refresh`; if that fails too, sign in again.',
    detail: 'Sign in and send the access token as Authorization: Bearer.',
  },
  forbidden: {
    meaning: 'You are signed in, and this is not for you.',
    remedy: 'Ask someone with the right role.',
    detail: 'This is for administrators.',
  },
  not_found: {
    meaning: 'It does not exist, or it belongs to someone else. Both look alike.',
    remedy: 'Check the path and the id.',
    detail: 'There is nothing here.',
  },
  request_timeout: {
    meaning: 'The request did not arrive in full in time.',
    remedy: 'Send it again on a better connection.',
    detail: 'The request did not arrive in full in time.',
  },
  already_subscribed: {
    meaning: 'You are Pro already.',
    remedy: 'Manage the plan at `POST /subscribe/portal`.',
    detail: 'You are Pro already.',
  },
  request_in_flight: {
    meaning: 'A request with the same `Idempotency-Key` has not finished.',
    remedy: 'Wait a second and repeat the same request: it then gets the answer of the first.',
    detail: 'A request with this Idempotency-Key is still being handled.',
  },
  reply_finished: {
    meaning: 'The reply is finished, so there is nothing to stop.',
    remedy: 'Read it. To have another, use `regenerate`.',
    detail: 'This reply is finished already.',
  },
  reply_unfinished: {
    meaning: 'The reply, or another one to the same message, is still being written.',
    remedy: 'Stop it first, or wait until it is finished.',
    detail: 'A reply to this message is still being written. Stop it first, or wait.',
  },
  body_too_large: {
    meaning: 'The body is larger than the operation takes.',
    remedy: 'Send less.',
    detail: 'The body is larger than this operation takes.',
  },
  unsupported_media_type: {
    meaning: 'The body is of a media type the operation does not take.',
    remedy: 'Send `Content-Type: application/json`.',
    detail: 'Send the body as application/json.',
  },
  validation_failed: {
    meaning: 'The request is readable, but some fields are not as they should be.',
    remedy: 'Correct what `errors` lists. Sending the same again gives the same.',
    detail: 'Some fields are not as they should be; see errors.',
  },
  idempotency_key_reused: {
    meaning: 'The `Idempotency-Key` was used for another message within 24 hours.',
    remedy: 'Make a new key for each new message; a UUID will do.',
    detail: 'This Idempotency-Key was used for another message.',
  },
  too_many_unfinished: {
    meaning: 'Too many replies of the account are not finished. Nothing was charged.',
    remedy: 'Wait until one of them is finished, or stop one, and send the message again.',
    detail: 'You have 20 replies that are not finished. Wait for one of them, or stop one.',
  },
  daily_limit_reached: {
    meaning: 'All messages of today are used. The day is UTC.',
    remedy: 'Wait until `resets_at`, or become Pro at `upgrade_url`, which has no limit.',
    detail: 'You have used your 5 messages of today. They come back at 2026-11-24T00:00:00.000Z; Pro has no limit.',
  },
  too_many_codes: {
    meaning: 'Too many one-time codes were asked for, by this number, this address, or in all.',
    remedy: 'Wait for the seconds named by `Retry-After`. The code sent last still works for five minutes.',
    detail: 'Too many codes were asked for. Try again in 42 s.',
  },
  too_many_guesses: {
    meaning:
      'Too many wrong codes were tried for this number from your network, or in all. Devices that are signed in stay so.',
    remedy: 'Wait for the seconds named by `Retry-After`.',
    detail: 'Too many wrong codes. From here codes for this number work again in 58 min.',
  },
  too_many_requests: {
    meaning: 'Too many requests of this kind came from this account or this address.',
    remedy: 'Wait for the seconds named by `Retry-After`.',
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
    detail: 'Too much is going on right now; try again in a moment.',
  },
};
