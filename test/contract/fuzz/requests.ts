/** Generates requests: objects are named by owner and order, so that a seed means the same in every run. */
import fc from 'fast-check';
import type { ApiDocument, Json, Operation, Parameter } from '../document.ts';
import { kinds, people, type Kind, type Person } from './actors.ts';
import { fitting, misfitting, misfittingText } from './values.ts';

/** A path or query parameter: an object of a user, or literal text. */
export type Place =
  | { readonly of: Person; readonly nth: number }
  | { readonly text: string }
  /** Not percent-encoded. */
  | { readonly raw: string };

export type Body =
  | { readonly json: Json }
  | { readonly text: string; readonly type: string }
  /** The refresh token of a user. */
  | { readonly refreshTokenOf: Person }
  | null;

export interface FuzzRequest {
  readonly operation: string;
  readonly by: Person | 'anonymous' | 'forger';
  readonly places: Readonly<Record<string, Place>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Body;
}

const whose = fc.constantFrom(...people);
const thing = fc.record({ of: whose, nth: fc.nat({ max: 3 }) });
const rawTexts = ['%', '%zz', '%E0%A4%A', '%00', '%ff', '..', '.', '', '1'.repeat(250), '%2e%2e', '%2f'];
const malformed = [
  '',
  '{',
  '{"a":',
  '[1,]',
  "{'a':1}",
  'hello',
  '{"__proto__":{"a":1}}',
  '{"constructor":{"prototype":{}}}',
  '\ufeff{}',
  '{}{}',
  '"\\ud800"',
];
const types = [
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=a',
  'application/json; charset=utf-16',
  'application/jsonx',
  'x',
];

/** Any request to any operation. */
export function anyRequest(api: ApiDocument): fc.Arbitrary<FuzzRequest> {
  return fc.constantFrom(...api.operations).chain((operation) => requestTo(api, operation));
}

function requestTo(api: ApiDocument, operation: Operation): fc.Arbitrary<FuzzRequest> {
  const by = fc.oneof(
    { weight: 7, arbitrary: whose },
    { weight: 1, arbitrary: fc.constantFrom('anonymous' as const, 'forger' as const) },
  );
  const inUrl = operation.parameters.filter((parameter) => parameter.in !== 'header');
  const inHead = operation.parameters.filter((parameter) => parameter.in === 'header');
  const ticket: fc.Arbitrary<Place> = fc.oneof(
    thing,
    misfittingText.map((text) => ({ text })),
  );
  const places: Record<string, fc.Arbitrary<Place>> = Object.fromEntries(inUrl.map((one) => [one.name, placeFor(one)]));
  if (operation.takesTicket) places.ticket = ticket;
  const headers: Record<string, fc.Arbitrary<string>> = Object.fromEntries(
    inHead.map((one) => [one.name, headerFor(one)]),
  );
  return fc.record({
    operation: fc.constant(operation.id),
    by,
    places: fc.record<Record<string, Place>>(places, {
      requiredKeys: inUrl.filter((one) => one.required).map((one) => one.name),
    }),
    headers: fc.record<Record<string, string>>(headers, { requiredKeys: [] }),
    body: bodyFor(api, operation),
  });
}

function placeFor({ name, in: where, schema }: Parameter): fc.Arbitrary<Place> {
  const fit = fitting(schema, (part) => part, name).map((value) => ({ text: String(value) }));
  const names = (kinds as readonly string[]).includes(name);
  return fc.oneof(
    { weight: names ? 12 : 0, arbitrary: thing },
    { weight: names && where === 'path' ? 1 : 8, arbitrary: fit },
    { weight: 2, arbitrary: misfittingText.map((text) => ({ text })) },
    { weight: 1, arbitrary: fc.constantFrom(...rawTexts).map((raw) => ({ raw })) },
  );
}

function headerFor({ name, schema }: Parameter): fc.Arbitrary<string> {
  const fit = fitting(schema, (part) => part, name) as fc.Arbitrary<string>;
  // Few distinct keys, so that they repeat.
  return fc
    .oneof(
      { weight: 3, arbitrary: fc.constantFrom('a', 'b', 'c') },
      { weight: 3, arbitrary: fit },
      { weight: 1, arbitrary: misfittingText },
    )
    .map(inHeader);
}

/** Characters that Node allows in a header. */
function inHeader(text: string): string {
  return text.replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, '').slice(0, 4000);
}

function bodyFor(api: ApiDocument, operation: Operation): fc.Arbitrary<Body> {
  const broken: fc.Arbitrary<Body> = fc.oneof(
    fc.constantFrom(...malformed).map((text) => ({ text, type: 'application/json' })),
    fc.constantFrom(...types).map((type) => ({ text: '{}', type })),
    misfitting.map((json) => ({ json })),
  );
  const huge: fc.Arbitrary<Body> = fc.constant({ text: `"${'x'.repeat(1024 * 1024)}"`, type: 'application/json' });
  if (operation.body === null) {
    if (operation.method === 'GET') return fc.constant(null);
    return fc.oneof(
      { weight: 120, arbitrary: fc.constant(null) },
      { weight: 20, arbitrary: broken },
      { weight: 1, arbitrary: huge },
    );
  }
  const fit = fitting(operation.body.schema, api.follow);
  const tokens: fc.Arbitrary<Body> = whose.map((refreshTokenOf) => ({ refreshTokenOf }));
  const { properties = {} } = api.follow(operation.body.schema);
  return fc.oneof(
    { weight: 120, arbitrary: fit.map((json) => ({ json })) },
    { weight: 40, arbitrary: spoiled(fit, Object.keys(properties)).map((json) => ({ json })) },
    { weight: 30, arbitrary: broken },
    { weight: 1, arbitrary: huge },
    { weight: 5, arbitrary: fc.constant(null) },
    { weight: 'refresh_token' in properties ? 60 : 0, arbitrary: tokens },
  );
}

/** A body with one member missing, invalid, or added. */
function spoiled(fit: fc.Arbitrary<Json>, members: readonly string[]): fc.Arbitrary<Json> {
  const change = fc.oneof(
    fc.record({ name: fc.constantFrom(...members, 'unknown'), value: misfitting }),
    fc.record({ name: fc.constantFrom(...members, 'unknown') }),
  );
  return fc.tuple(fit, change).map(([json, { name, ...rest }]) => {
    const { [name]: _, ...others } = json;
    return 'value' in rest ? { ...others, [name]: rest.value } : others;
  });
}

export function isKind(name: string): name is Kind {
  return (kinds as readonly string[]).includes(name);
}
