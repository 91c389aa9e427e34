/** Checks an answer: documented, right for the request, and without leaks. */
import { problems, type ProblemCode } from '../../../contract/errors.ts';
import type { Answer } from '../../client.ts';
import type { ApiDocument, Json, Operation } from '../document.ts';
import { people, type Person } from './actors.ts';
import type { Sent } from './drive.ts';

/** Strings that reveal the implementation. */
const leaks =
  /\bat \S+ \(|\.[cm]?[jt]s:\d+|node_modules|SQLSTATE|syntax error at|duplicate key|violates |relation "|column "|prepared statement|PGlite|drizzle|ioredis|ECONN|postgres|\bselect .+ from |\binsert into |\bupdate .+ set /i;

/** Headers that have to be documented wherever they appear. */
const telling = ['etag', 'link', 'location', 'ratelimit', 'ratelimit-policy', 'retry-after', 'www-authenticate'];

/** Refusals that mean "this is not a request as documented". */
const asInvalid: readonly ProblemCode[] = [
  'bad_request',
  'malformed_json',
  'unsupported_media_type',
  'validation_failed',
];

/** The first fault of an answer, or null. `ended`: a session may have ended meanwhile. */
export function judge(api: ApiDocument, sent: Sent, answer: Answer, { ended }: { ended: boolean }): string | null {
  return (
    asDocumented(api, sent.operation, answer) ?? tellsNothing(sent, answer) ?? asDeserved(api, sent, answer, ended)
  );
}

function asDocumented(api: ApiDocument, { responses }: Operation, { status, headers, body }: Answer): string | null {
  if (status >= 500) return `a ${status}`;
  const documented = responses[status];
  if (!documented) return `undocumented status ${status}`;
  const names = Object.keys(documented.headers);
  const undocumented = telling.filter((name) => headers.has(name) && !names.includes(name));
  if (undocumented.length > 0) return `undocumented header ${undocumented.join()} on ${status}`;
  const needed = [
    'x-request-id',
    'x-content-type-options',
    ...names.filter((name) => name === 'location' || name === 'www-authenticate'),
  ];
  if (status === 429) needed.push('retry-after');
  const absent = needed.filter((name) => !headers.has(name));
  if (absent.length > 0) return `no ${absent.join()} on ${status}`;
  if (!documented.content) return body === '' ? null : `a body on ${status}`;
  const type = headers.get('content-type')?.split(';')[0] ?? '';
  const media = documented.content[type];
  if (!media) return `undocumented media type "${type}" on ${status}`;
  if (!type.endsWith('json')) return null;
  const value = JSON.parse(body);
  if (status >= 400 && value.request_id !== headers.get('x-request-id')) return 'two request ids';
  const misfit = api.misfit(media.schema, value);
  return misfit === null ? null : `the body of ${status} is invalid by its schema: ${misfit}`;
}

function tellsNothing({ secrets }: Sent, { headers, body }: Answer): string | null {
  const text = `${JSON.stringify([...headers])}\n${body}`;
  const leak = leaks.exec(text)?.[0];
  if (leak !== undefined) return `it leaks "${leak}"`;
  const secret = secrets.find((word) => text.includes(word));
  return secret === undefined ? null : `it shows data of another user: ${secret}`;
}

function asDeserved(api: ApiDocument, sent: Sent, answer: Answer, ended: boolean): string | null {
  const fit = fits(api, sent);
  return byRights(sent, answer, fit, ended) ?? byForm(sent, answer, fit);
}

function byRights(sent: Sent, { status }: Answer, fit: boolean | null, ended: boolean): string | null {
  const { operation, by, speaksFor, touches, values } = sent;
  const granted = status < 400;
  if (granted && [...touches].some((person) => !speaksFor.has(person))) return `${status} for somebody else's thing`;
  if (!operation.secured || (operation.takesTicket && 'ticket' in values)) return null;
  if ((people as readonly string[]).includes(by)) return status === 401 && !ended ? '401 for a good token' : null;
  if (granted) return `${status} for ${by}`;
  return fit === true && status !== 401 ? `${status} instead of 401 for ${by}` : null;
}

function byForm(sent: Sent, { status, body }: Answer, fit: boolean | null): string | null {
  if (status < 400) return fit === false ? `${status} for a request that is not as documented` : null;
  if (fit !== true || meansMore(sent)) return null;
  const { code } = JSON.parse(body) as { code: ProblemCode };
  return asInvalid.includes(code) ? `${problems[code].status} ${code} for a request as documented: ${body}` : null;
}

/** Rules beyond the schemas: phone numbers, cursors, ids in a body, public hosts, time zones, and the source of a refresh token. */
function meansMore({ operation, values, body }: Sent): boolean {
  if (operation.id === 'refreshTokens' || 'cursor' in values) return true;
  return (
    body !== null && /"(mobile_number|attachment_ids|head_id|parent_id|model|plan|tier|endpoint|time_zone)"/.test(body)
  );
}

/** True for a request as documented, false for one that is not, null where a schema cannot decide. */
function fits(api: ApiDocument, { operation, values, headers, body, type }: Sent): boolean | null {
  if (Object.values(values).includes(null)) return null;
  const fitting = operation.parameters.every(({ name, in: where, schema, required }) => {
    const text = where === 'header' ? headers[name]?.trim() : values[name];
    return text === undefined ? !required : api.accepts(schema, inType(schema, text!));
  });
  return fitting ? fitsBody(api, operation, body, type) : false;
}

function inType(schema: Json, text: string): Json {
  return schema.type === 'integer' && /^(0|-?[1-9]\d*)$/.test(text) ? Number(text) : text;
}

function fitsBody(api: ApiDocument, operation: Operation, body: string | null, type: string | null): boolean | null {
  // No form is among the requests.
  if (operation.takesForm) return false;
  const mayBeLeftOut = !operation.body?.required;
  if (body === null) return mayBeLeftOut;
  if (body.length > 1024 * 1024) return false;
  // A body that the operation does not use is ignored if it can be parsed.
  if (!/^application\/json *(;|$)/.test(type ?? '')) return body === '' && type === null;
  if (mayBeLeftOut && body === '') return true;
  // May be refused, depending on its content.
  if (/"(__proto__|constructor)"\s*:/.test(body)) return null;
  try {
    const value = JSON.parse(body.replace(/^\ufeff/, ''));
    return operation.body === null || api.accepts(operation.body.schema, value);
  } catch {
    return false;
  }
}

/** A request and its answer as text, long parts shortened. */
export function describeExchange(sent: Sent, { status, body }: Answer): string {
  const short = (text: string | null) =>
    text !== null && text.length > 600 ? `${text.slice(0, 600)}… (${text.length})` : text;
  return `${sent.operation.id} by ${sent.by as Person}: ${sent.operation.method} ${short(sent.path)} ${JSON.stringify({ ...sent.headers, authorization: '…' })} ${short(sent.body)}\n→ ${status} ${short(String(body))}`;
}
