/** Encoding of bodies: invalid UTF-8 is refused, valid UTF-8 is kept, wherever it is split in transit. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { expectProblem } from './problem.ts';
import { speakRaw } from './raw-http.ts';
import { send } from './send.ts';
import { startWholeProduct, type WholeProduct } from './whole-product.ts';
import { somebodyWithThings, type Things } from './world.ts';

let product: WholeProduct;
let me: Things;

beforeAll(async () => {
  product = await startWholeProduct();
  me = await somebodyWithThings(product.url);
});

afterAll(async () => {
  await product?.[Symbol.asyncDispose]();
});

/** A room with these bytes, in hex, in the middle of its name. */
const named = (hex: string) => Buffer.concat([Buffer.from('{"name":"a'), Buffer.from(hex, 'hex'), Buffer.from('z"}')]);

function createRoom(body: Uint8Array, contentType = 'application/json') {
  const token = me.client.tokens.access_token;
  const headers = { 'content-type': contentType };
  return send(product.url, { method: 'POST', path: '/chatroom', token, body, headers });
}

async function roomCount(): Promise<number> {
  return (await me.client.call('GET', '/chatroom')).body.length;
}

it.each([
  ['a byte that never occurs in UTF-8', named('ff')],
  ['a Latin-1 letter', named('e9')],
  ['a sequence cut short', named('e282')],
  ['a sequence broken in its middle', named('f09fff80')],
  ['a continuation without a beginning', named('80')],
  ['a character in more bytes than it needs', named('c0af')],
  ['a surrogate', named('eda0bd')],
  ['a code point beyond the last', named('f4908080')],
  ['a member named so', Buffer.from('7b2261ff223a312c226e616d65223a2278227d', 'hex')],
  ['an end in the middle of a character', Buffer.from('7b226e616d65223a2278227de2', 'hex')],
  ['UTF-16 with its mark', Buffer.from('\ufeff{"name":"x"}', 'utf16le')],
])('refuses %s and stores nothing', async (_what, body) => {
  const before = await roomCount();
  for (const contentType of ['application/json', 'application/json; charset=iso-8859-1']) {
    const answer = await createRoom(body, contentType);
    expect(expectProblem(answer, 400)).toBe('malformed_json');
  }
  expect(await roomCount()).toBe(before);
});

// RFC 8259, section 8.1: a parser may ignore the mark at the beginning; elsewhere it is an ordinary character.
it('ignores a byte order mark before the text, and keeps one inside it', async () => {
  const body = Buffer.concat([Buffer.from('efbbbf', 'hex'), named('efbbbf')]);
  const answer = await createRoom(body);
  expect(answer.status).toBe(201);
  expect(answer.body.name).toBe('a\ufeffz');
});

it('keeps characters that arrive in pieces', async () => {
  const body = Buffer.from('{"name":"é€😀"}');
  const head =
    `POST /chatroom HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n` +
    `Authorization: Bearer ${me.client.tokens.access_token}\r\nTransfer-Encoding: chunked\r\n\r\n`;
  const chunks = [...body].map((byte) => Buffer.from([0x31, 13, 10, byte, 13, 10]));
  const answer = await speakRaw(product.url, head, { then: [...chunks, '0\r\n\r\n'] });
  expect(answer.status).toBe(201);
  // Raw answers are read byte by byte.
  expect(Buffer.from(answer.body.name, 'latin1').toString()).toBe('é€😀');
});
