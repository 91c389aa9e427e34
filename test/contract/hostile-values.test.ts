/** Hostile values in otherwise valid requests: storable text is kept byte for byte, the rest is refused and named. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { request, type Answer } from '../client.ts';
import { expectProblem } from './problem.ts';
import { startWholeProduct, type WholeProduct } from './whole-product.ts';
import { somebodyWithThings, type Things } from './world.ts';

let product: WholeProduct;
let me: Things;

beforeAll(async () => {
  product = await startWholeProduct({ environment: { BASIC_DAILY_LIMIT: '1000' } });
  me = await somebodyWithThings(product.url);
});

afterAll(async () => {
  await product?.[Symbol.asyncDispose]();
});

const keepable: Record<string, string> = {
  'right-to-left': 'שלום \u202eevil\u202c مرحبا',
  emoji: '👩‍👩‍👧‍👦🏳️‍🌈👍🏽',
  'combining marks': `Z${'\u0351'.repeat(60)}`,
  'noncharacters and separators': '\ufffe\uffff\u2028\u2029\ufeff\u0001\u007f\u0085',
  'white space': ' \t\n\r\u00a0\u3000 ',
  astral: '𝒳𐍈🜀',
  SQL: "'); drop table chatrooms; -- $1 \\x00 %s",
  'SQL by union': "x' union select mobile_number from users where '1'='1",
  HTML: '<script>alert(1)</script><img src=x onerror=alert(1)>&amp;',
  'a template': '{{constructor.constructor("return process")()}} ${7*7} #{7*7} %{7*7}',
  'a path': '../../../../etc/passwd%00',
  JSON: '{"__proto__":{"a":1}}\\u0000"\\',
  'header breaks': 'x\r\nSet-Cookie: a=b\r\n\r\nHTTP/1.1 200 OK',
};

const unkeepable: Record<string, string> = {
  NUL: 'a\u0000b',
  'a lone high surrogate': 'a\ud83d',
  'a lone low surrogate': '\ude00a',
  'surrogates the wrong way round': '\ude00\ud83d',
};

function refusedField(answer: Answer, pointer: string): void {
  expect(expectProblem(answer, 422)).toBe('validation_failed');
  expect(answer.body.errors.map((error: { pointer: string }) => error.pointer)).toContain(pointer);
}

describe('text', () => {
  it.each(Object.entries(keepable))('keeps %s unchanged', async (_what, text) => {
    const { client, ids } = me;
    const room = await client.call('POST', '/chatroom', { body: { name: text } });
    expect(room.status).toBe(201);
    expect(room.body.name).toBe(text);
    const renamed = await client.call('PATCH', `/chatroom/${ids.chatroom_id}`, { body: { name: text } });
    expect(renamed.body.name).toBe(text);
    const asked = await client.ask(room.body.id, text);
    expect(asked.status).toBe(202);
    const stored = await client.call('GET', `/chatroom/${room.body.id}/messages/${asked.body.id}`);
    expect(stored.body.content).toBe(text);
  });

  it.each(Object.entries(unkeepable))('refuses %s', async (_what, text) => {
    const { client, ids } = me;
    refusedField(await client.call('POST', '/chatroom', { body: { name: text } }), '/name');
    refusedField(await client.call('PATCH', `/chatroom/${ids.chatroom_id}`, { body: { name: text } }), '/name');
    refusedField(await client.ask(Number(ids.chatroom_id), text), '/content');
    const number = await request('POST', `${product.url}/auth/signup`, { body: { mobile_number: `+1415555${text}` } });
    refusedField(number, '/mobile_number');
  });

  it('counts code points, not code units', async () => {
    const { client, ids } = me;
    const roomId = Number(ids.chatroom_id);
    const longest = '😀'.repeat(32_000);
    const asked = await client.ask(roomId, longest);
    expect(asked.status).toBe(202);
    expect(asked.body.content).toBe(longest);
    refusedField(await client.ask(roomId, `${longest}😀`), '/content');
    refusedField(await client.ask(roomId, ''), '/content');
    expect((await client.call('POST', '/chatroom', { body: { name: '😀'.repeat(100) } })).status).toBe(201);
    refusedField(await client.call('POST', '/chatroom', { body: { name: '😀'.repeat(101) } }), '/name');
    refusedField(await client.call('POST', '/chatroom', { body: { name: '' } }), '/name');
  });

  it('accepts the longest message in its longest JSON encoding', async () => {
    const escaped = '\\ud83d\\ude00'.repeat(32_000);
    const asked = await me.client.call('POST', `/chatroom/${me.ids.chatroom_id}/message`, {
      body: `{"content":"${escaped}"}`,
    });
    expect(asked.status).toBe(202);
  });
});

describe('numbers and codes', () => {
  it.each(['', '+', '+1', '0', 'abc', '+0123456789', '+1234567890123456', '1234567890', "+1' or '1'='1"])(
    'refuses "%s" as a phone number',
    async (text) => {
      for (const path of ['/auth/signup', '/auth/send-otp', '/auth/verify-otp']) {
        const answer = await request('POST', `${product.url}${path}`, { body: { mobile_number: text, otp: '123456' } });
        refusedField(answer, '/mobile_number');
      }
    },
  );

  it.each(['', ' ', '12345', '1234567', '١٢٣٤٥٦', '1e5', '0x1234', "' or 1=1 --", 'null'])(
    'treats "%s" as a wrong code',
    async (otp) => {
      const answer = await request('POST', `${product.url}/auth/verify-otp`, {
        body: { mobile_number: me.client.number, otp },
      });
      expect(expectProblem(answer, 400)).toBe('invalid_code');
    },
  );

  it.each(['x', 'a.b.c', '..', "' or 1=1 --", '\u0000', '\ud83d', '😀'.repeat(100), 'x'.repeat(512)])(
    'treats %j as an unknown refresh token',
    async (text) => {
      const answer = await request('POST', `${product.url}/auth/refresh`, { body: { refresh_token: text } });
      expect(expectProblem(answer, 401)).toBe('invalid_token');
    },
  );
});

describe('queries', () => {
  it.each([
    'limit=0',
    'limit=-1',
    'limit=101',
    'limit=1.5',
    'limit=abc',
    'limit=',
    'limit=1&limit=2',
    'limit=1e1',
    'before=0',
    'after=1180591620717411303424',
    'before=%zz',
    'before=%00',
    'before=1&before=2',
  ])('refuses %s', async (query) => {
    for (const path of ['/chatroom', `/chatroom/${me.ids.chatroom_id}/messages`]) {
      const answer = await me.client.call('GET', `${path}?${query}`);
      refusedField(answer, `/query/${query.split('=')[0]}`);
    }
  });

  it.each(['include=everything', 'include=', 'include=pending&include=pending'])('refuses %s', async (query) => {
    refusedField(await me.client.call('GET', `/chatroom/${me.ids.chatroom_id}/messages?${query}`), '/query/include');
  });

  it.each([
    '__proto__=1',
    'constructor=1',
    '__proto__[limit]=1',
    'x=1&x=2',
    '=',
    '&&&',
    '%',
    '%00=%00',
    'limit[]=1',
    'toString=1',
  ])('takes no notice of %s', async (query) => {
    const answer = await me.client.call('GET', `/chatroom?${query}`);
    expect(answer.status).toBe(200);
  });
});

describe('headers', () => {
  it.each(['', 'x'.repeat(256), 'é', 'a\tb'])('refuses the Idempotency-Key %j', async (key) => {
    const answer = await me.client.ask(Number(me.ids.chatroom_id), 'hello', { 'idempotency-key': key });
    refusedField(answer, '/header/idempotency-key');
  });

  it.each([
    'Bearer',
    'Bearer ',
    'Bearer a.b.c',
    'Basic dXNlcjpwYXNz',
    'Bearer é.é.é',
    `Bearer ${'a'.repeat(9000)}.b.c`,
    "Bearer ' or 1=1",
    'null',
  ])('treats the Authorization %j as not signed in', async (authorization) => {
    const answer = await request('GET', `${product.url}/user/me`, { headers: { authorization } });
    expect(expectProblem(answer, 401)).toBe('invalid_token');
  });

  it("keeps a client's request id if it is harmless", async () => {
    const named = await request('GET', `${product.url}/nothing`, { headers: { 'x-request-id': 'my-request.1' } });
    expect(expectProblem(named, 404)).toBe('not_found');
    expect(named.body.request_id).toBe('my-request.1');
    for (const id of ['a b', '<script>', 'x'.repeat(65), '{"a":1}', '']) {
      const answer = await request('GET', `${product.url}/nothing`, { headers: { 'x-request-id': id } });
      expectProblem(answer, 404);
      expect(answer.body.request_id).not.toBe(id);
    }
  });
});

describe('an expensive body', () => {
  const elements = 200_000;

  it.each([
    ['a list of mistakes', `{"content":"x","attachment_ids":[${'"",'.repeat(elements)}""]}`],
    ['a list of lists', `{"content":"x","attachment_ids":[${'[],'.repeat(elements)}[]]}`],
    ['nesting', `{"content":"x","attachment_ids":${'['.repeat(elements)}${']'.repeat(elements)}}`],
    ['nesting outside', `${'['.repeat(elements)}${']'.repeat(elements)}`],
    ['many members', `{${Array.from({ length: 50_000 }, (_, index) => `"a${index}":0`).join()}}`],
    ['one member many times', `{${'"content":0,'.repeat(50_000)}"content":0}`],
    ['a number beyond all numbers', `{"content":1${'0'.repeat(elements)}}`],
  ])('is refused with a short answer: %s', async (_what, body) => {
    const answer = await me.client.call('POST', `/chatroom/${me.ids.chatroom_id}/message`, { body });
    expect(expectProblem(answer, 422)).toBe('validation_failed');
    expect(JSON.stringify(answer.body).length).toBeLessThan(10_000);
  });
});

describe('an unknown path', () => {
  it.each([
    '/nothing',
    '/Chatroom',
    '//',
    '/.env',
    '/.git/config',
    '/admin',
    '/chatroom/1/nothing',
    '/docs/static/nothing',
    '/docs/static/%00',
    '/docs/static/..%2f..%2fpackage.json',
    '/%2e%2e/etc/passwd',
    '/user/me/..',
    '/\u2603',
    '/*',
    '/undefined',
  ])('answers 404 to %s, signed in or not', async (path) => {
    const encoded = encodeURI(path).replaceAll('%25', '%');
    const [signedIn, anonymous] = [await me.client.call('GET', encoded), await request('GET', product.url + encoded)];
    for (const answer of [signedIn, anonymous]) expect(expectProblem(answer, 404)).toBe('not_found');
  });

  it.each(['PUT', 'DELETE', 'PATCH', 'POST'])('answers 404 to %s where there is only GET', async (method) => {
    expectProblem(await me.client.call(method, '/user/me'), 404);
    expectProblem(await me.client.call(method, '/user/me', { body: {} }), 404);
  });
});
