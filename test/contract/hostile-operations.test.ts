/** Hostile input to every operation: it answers with each refusal that it documents, and no other. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { problems } from '../../contract/errors.ts';
import { signIn } from '../client.ts';
import { sqlOf } from '../sql.ts';
import { readDocument, type ApiDocument, type Json, type Operation } from './document.ts';
import { expectProblem } from './problem.ts';
import { speakRaw } from './raw-http.ts';
import { send, type Sending } from './send.ts';
import { missing, namingParameters, pathTo, somebodyWithThings, type Things } from './world.ts';
import { startWholeProduct, type WholeProduct } from './whole-product.ts';

let product: WholeProduct;
let api: ApiDocument;
let me: Things;

beforeAll(async () => {
  product = await startWholeProduct();
  const other = await signIn(product.url);
  [api, me] = await Promise.all([readDocument(product.url), somebodyWithThings(product.url)]);
  // An administrator, who may name other users' objects.
  me = { ...me, ids: { ...me.ids, user_id: String((await other.call('GET', '/user/me')).body.id) } };
  await sqlOf(product.running)(`update users set role = 'admin' where mobile_number = $1`, [me.client.number]);
  await vi.waitFor(async () => expect((await me.client.call('GET', '/admin/queue')).status).toBe(200));
});

afterAll(async () => {
  await product?.[Symbol.asyncDispose]();
});

function sendTo(operation: Operation, options: Partial<Sending> = {}) {
  const { access_token: token } = me.client.tokens;
  return send(product.url, { method: operation.method, path: pathTo(operation, me.ids), token, ...options });
}

const documents = ({ responses }: Operation, status: number) => String(status) in responses;

function codesOf({ responses }: Operation): string[] {
  return Object.values(responses).flatMap((response: Json) =>
    Object.keys(response.content?.['application/problem+json']?.examples ?? {}),
  );
}

/** Forms have tests of their own. */
const withBody = () => api.operations.filter(({ method, takesForm }) => method !== 'GET' && !takesForm);
const tooLarge = Buffer.alloc(1024 * 1024 + 1, ' ');
const wrongValues: Record<string, Json[]> = {
  string: [null, true, 0, 1.5, [], {}, ['a'], { a: 1 }],
  array: [null, true, 0, 'a', {}, { length: 1 }],
  integer: [null, true, '1', 1.5, [], {}],
};

describe('every operation', () => {
  it('answers 400 to a request that is not HTTP', async () => {
    for (const operation of api.operations) {
      const line = `${operation.method} ${pathTo(operation, me.ids)} HTTP/1.1\r\nHost: x\r\n`;
      const answer = await speakRaw(product.url, `${line}Content-Length: many\r\n\r\n`);
      expect(expectProblem(answer, 400), operation.id).toBe('bad_request');
      expect(documents(operation, 400), operation.id).toBe(true);
    }
  });

  it('answers 431 to oversized headers', async () => {
    for (const operation of api.operations) {
      const line = `${operation.method} ${pathTo(operation, me.ids)} HTTP/1.1\r\nHost: x\r\n`;
      const answer = await speakRaw(product.url, `${line}X-Filler: ${'a'.repeat(17_000)}\r\n\r\n`);
      expect(expectProblem(answer, 431), operation.id).toBe('headers_too_large');
      expect(documents(operation, 431), operation.id).toBe(true);
    }
  });

  it('answers 404 if its path names an object that does not exist, and otherwise never', async () => {
    for (const operation of api.operations) {
      const names = namingParameters(operation).length > 0;
      // Hidden from most: metrics in production, what is for administrators, and a server without push messages.
      // Their own tests cover that.
      const isHidden =
        ['readMetrics', 'readPushKey', 'addPushSubscription'].includes(operation.id) ||
        operation.path.startsWith('/admin/');
      expect(documents(operation, 404), operation.id).toBe(names || isHidden);
      if (!names) continue;
      const answer = await sendTo(operation, { path: pathTo(operation, missing), body: operation.body?.example });
      expect(expectProblem(answer, 404), operation.id).toBe('not_found');
    }
  });

  it('answers 413 to a body that is too large, if it has one', async () => {
    for (const operation of withBody()) {
      const answer = await sendTo(operation, { body: tooLarge });
      expect(expectProblem(answer, 413), operation.id).toBe('body_too_large');
    }
    expect(withBody().every((operation) => documents(operation, 413))).toBe(true);
    const documented = api.operations.filter((operation) => documents(operation, 413) && !operation.takesForm);
    expect(documented).toHaveLength(withBody().length);
  });

  it.each([
    'text/plain',
    'application/xml',
    'multipart/form-data; boundary=x',
    'application/x-www-form-urlencoded',
    'x',
    '',
  ])('answers 415 to a body of type "%s", if it has one', async (type) => {
    for (const operation of withBody()) {
      const answer = await sendTo(operation, { body: 'a=b', headers: { 'content-type': type } });
      expect(expectProblem(answer, 415), operation.id).toBe('unsupported_media_type');
      expect(documents(operation, 415), operation.id).toBe(true);
    }
  });

  it.each([
    ['half an object', '{"content":'],
    ['a bare word', 'hello'],
    ['two values', '{}{}'],
    ['a trailing comma', '{"a":1,}'],
    ['single quotes', "{'a':1}"],
    ['a lone quote', '"'],
    ['NaN', 'NaN'],
    ['a prototype', '{"__proto__":{"polluted":true}}'],
    ['an escaped prototype', '{"\\u005f_proto__":{"polluted":true}}'],
    ['a deep prototype', '{"a":{"b":[{"__proto__":{"polluted":true}}]}}'],
    ['a constructor', '{"constructor":{"prototype":{"polluted":true}}}'],
    ['bytes that are not UTF-8', Buffer.from([0x7b, 0xff, 0xfe, 0x7d])],
  ])('answers 400 to %s instead of JSON, if it has a body', async (_what, body) => {
    for (const operation of withBody()) {
      const answer = await sendTo(operation, { body });
      const code = expectProblem(answer, 400);
      const parses = codesOf(operation).includes('malformed_json');
      expect(
        parses ? ['malformed_json', 'bad_request'] : ['invalid_signature', 'billing_not_configured'],
        operation.id,
      ).toContain(code);
    }
    expect(({} as Json).polluted).toBeUndefined();
  });

  it('answers 422 to a body of the wrong shape, naming the field', async () => {
    for (const operation of api.operations.filter((one) => one.body && codesOf(one).includes('validation_failed'))) {
      const { properties, required } = api.follow(operation.body!.schema);
      for (const body of ['null', 'true', '1', '"text"', '[]', '[{}]', undefined]) {
        if (body === undefined && !operation.body!.required) continue;
        const answer = await sendTo(operation, { body });
        expect(expectProblem(answer, 422), `${operation.id} ${body}`).toBe('validation_failed');
      }
      for (const name of required ?? []) {
        const { [name]: _, ...rest } = operation.body!.example;
        const answer = await sendTo(operation, { body: rest });
        expectProblem(answer, 422);
        expect(answer.body.errors).toContainEqual({ pointer: `/${name}`, detail: 'is required' });
      }
      for (const [name, schema] of Object.entries<Json>(properties)) {
        for (const value of wrongValues[schema.type] ?? []) {
          const answer = await sendTo(operation, { body: { ...operation.body!.example, [name]: value } });
          expectProblem(answer, 422);
          expect(answer.body.errors[0].pointer, `${operation.id} ${name}`).toBe(`/${name}`);
        }
      }
    }
  });

  it.each([
    'abc',
    '-1',
    '0',
    '1.5',
    '1180591620717411303424',
    '9007199254740993',
    'null',
    '1,2',
    "1'--",
    '1;drop table users',
    '☃',
    '١٢',
    '\u0000',
    '1\n',
    '{"$gt":0}',
    '%',
    '01',
    '1.0',
    '0x1',
    ' 1',
    '1e0',
  ])('answers 4xx to the id "%s"', async (id) => {
    for (const operation of api.operations) {
      for (const name of namingParameters(operation)) {
        const answer = await sendTo(operation, {
          path: pathTo(operation, { ...me.ids, [name]: id }),
          body: operation.body?.example,
        });
        // The token of a shared chat is any text, so a wrong one is merely unknown.
        const code = expectProblem(answer, name === 'token' ? 404 : 422);
        expect(code, `${operation.id} ${name}`).toBe(name === 'token' ? 'not_found' : 'validation_failed');
      }
    }
  });

  it('answers 400 to broken percent-encoding and to a part of the path that is too long', async () => {
    for (const operation of api.operations.filter((one) => one.path.includes('{'))) {
      for (const bad of ['%', '%zz', '%E0%A4%A', '%ff', '1'.repeat(201)]) {
        const answer = await sendTo(operation, { path: operation.path.replaceAll(/\{\w+\}/g, bad) });
        expect(expectProblem(answer, 400), `${operation.id} ${bad}`).toBe('bad_request');
      }
    }
  });

  it('documents only codes of the closed list', () => {
    for (const operation of api.operations) {
      for (const code of codesOf(operation)) expect(Object.keys(problems), operation.id).toContain(code);
    }
  });
});
