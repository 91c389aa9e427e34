/** Malformed bytes: each is answered with a problem document or a closed connection, without a hang or a crash. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { request } from '../client.ts';
import { expectProblem } from './problem.ts';
import { exchange, speakRaw } from './raw-http.ts';
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

const host = 'Host: x\r\nConnection: close\r\n';
const json = 'Content-Type: application/json\r\n';
const signup = `POST /auth/signup HTTP/1.1\r\n${host}${json}`;

describe('what is not HTTP', () => {
  it.each<[string, string | Uint8Array]>([
    ['words', 'hello there\r\n\r\n'],
    ['binary', Buffer.from(Array.from({ length: 256 }, (_, index) => index))],
    ['a TLS greeting', Buffer.from('16030100a5010000a10303', 'hex')],
    ['an HTTP/2 greeting', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['an unknown method', `FROB / HTTP/1.1\r\n${host}\r\n`],
    ['an unknown version', `GET / HTTP/9.9\r\n${host}\r\n`],
    ['a response', 'HTTP/1.1 200 OK\r\n\r\n'],
    ['a request without a Host', 'GET /health/live HTTP/1.1\r\nConnection: close\r\n\r\n'],
    ['two Hosts', `GET /health/live HTTP/1.1\r\n${host}Host: y\r\n\r\n`],
    ['the same Host twice', `GET /health/live HTTP/1.1\r\n${host}hOST: x\r\n\r\n`],
    ['two Hosts in HTTP/1.0', 'GET /health/live HTTP/1.0\r\nHost: x\r\nHost: y\r\n\r\n'],
    ['a Host that is a list', 'GET /health/live HTTP/1.1\r\nHost: x, y\r\nConnection: close\r\n\r\n'],
    ['a Host that is an address', 'GET /health/live HTTP/1.1\r\nHost: http://x/\r\nConnection: close\r\n\r\n'],
    ['a raw path beyond ASCII', `GET /chatroom/é HTTP/1.1\r\n${host}\r\n`],
    ['bare line feeds', 'GET /health/live HTTP/1.1\nHost: x\n\n'],
    ['NUL in a header', `GET / HTTP/1.1\r\n${host}X-A: a\0b\r\n\r\n`],
    ['a space in a header name', `GET / HTTP/1.1\r\n${host}Bad Name: x\r\n\r\n`],
    ['a folded header', `GET / HTTP/1.1\r\n${host}X-A: a\r\n\r\r\n b\r\n\r\n`],
    ['a length that is a word', `${signup}Content-Length: abc\r\n\r\n{}`],
    ['a negative length', `${signup}Content-Length: -1\r\n\r\n{}`],
    ['a length beyond all numbers', `${signup}Content-Length: 99999999999999999999999\r\n\r\n{}`],
    ['two lengths', `${signup}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`],
    ['a list of lengths', `${signup}Content-Length: 2, 3\r\n\r\n{}`],
    ['a length and chunks', `${signup}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['chunks that are none', `${signup}Transfer-Encoding: chunked\r\n\r\nZZ\r\n{}\r\n0\r\n\r\n`],
    ['a negative chunk', `${signup}Transfer-Encoding: chunked\r\n\r\n-2\r\n{}\r\n0\r\n\r\n`],
    ['a chunk beyond all numbers', `${signup}Transfer-Encoding: chunked\r\n\r\n${'f'.repeat(20)}\r\n{}\r\n0\r\n\r\n`],
    ['a chunk longer than it says', `${signup}Transfer-Encoding: chunked\r\n\r\n1\r\n{}\r\n0\r\n\r\n`],
    ['another transfer encoding', `${signup}Transfer-Encoding: gzip\r\n\r\n{}`],
    ['chunked and then something', `${signup}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`],
  ])('is answered 400: %s', async (_what, bytes) => {
    const answer = await speakRaw(product.url, bytes);
    expect(expectProblem(answer, 400)).toBe('bad_request');
    expect(answer.headers.get('connection')).toBe('close');
  });

  it.each([
    ['one long header', `X-Big: ${'a'.repeat(17_000)}\r\n`],
    ['many headers', Array.from({ length: 2000 }, (_, index) => `x${index}: 12345\r\n`).join('')],
    ['a long cookie', `Cookie: ${'a=b; '.repeat(4000)}\r\n`],
  ])('is answered 431: %s', async (_what, fields) => {
    const answer = await speakRaw(product.url, `GET /health/live HTTP/1.1\r\n${host}${fields}\r\n`);
    expect(expectProblem(answer, 431)).toBe('headers_too_large');
  });

  it('is answered 431: an oversized path', async () => {
    const answer = await speakRaw(product.url, `GET /${'a'.repeat(17_000)} HTTP/1.1\r\n${host}\r\n`);
    expect(expectProblem(answer, 431)).toBe('headers_too_large');
  });

  it('is refused a tunnel', async () => {
    expect(await exchange(product.url, `CONNECT 10.0.0.1:22 HTTP/1.1\r\n${host}\r\n`)).toBe('');
  });
});

describe('unusual but valid HTTP', () => {
  it.each([
    ['HTTP/1.0 without a Host', 'GET /health/live HTTP/1.0\r\n\r\n'],
    ['the absolute form', `GET http://x/health/live HTTP/1.1\r\n${host}\r\n`],
    ['an expectation nobody knows', `GET /health/live HTTP/1.1\r\n${host}Expect: magic\r\n\r\n`],
    [
      'an upgrade to an unsupported protocol',
      'GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n',
    ],
    ['a body to a GET', `GET /health/live HTTP/1.1\r\n${host}${json}Content-Length: 9\r\n\r\n{"broken"`],
    ['a trailing fragment', `GET /health/live?a#b HTTP/1.1\r\n${host}\r\n`],
  ])('is served: %s', async (_what, bytes) => {
    const answer = await speakRaw(product.url, bytes);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({ status: 'ok' });
  });

  it.each(['PROPFIND', 'TRACE', 'LOCK', 'SEARCH', 'OPTIONS'])('is not an operation: %s', async (method) => {
    const answer = await speakRaw(product.url, `${method} /user/me HTTP/1.1\r\n${host}\r\n`);
    expect(expectProblem(answer, 404)).toBe('not_found');
  });

  it('is refused as a method: QUERY', async () => {
    const answer = await speakRaw(product.url, `QUERY /user/me HTTP/1.1\r\n${host}Content-Length: 0\r\n\r\n`);
    expectProblem(answer, 400, 404);
  });

  it('reads a body in many small chunks', async () => {
    const body = JSON.stringify({ name: 'In pieces' });
    const chunks = [...body].map((letter) => `1\r\n${letter}\r\n`);
    const head =
      `POST /chatroom HTTP/1.1\r\n${host}${json}Authorization: Bearer ${me.client.tokens.access_token}\r\n` +
      `Transfer-Encoding: chunked\r\n\r\n`;
    const answer = await speakRaw(product.url, head, { then: [...chunks, '0\r\n\r\n'] });
    expect(answer.status).toBe(201);
    expect(answer.body.name).toBe('In pieces');
  });

  it('stops reading an endless chunked body', async () => {
    const chunk = `10000\r\n${' '.repeat(65_536)}\r\n`;
    const answer = await speakRaw(product.url, `${signup}Transfer-Encoding: chunked\r\n\r\n`, {
      then: Array.from({ length: 32 }, () => chunk),
    });
    expect(expectProblem(answer, 413)).toBe('body_too_large');
  });

  it('keeps two requests on one connection apart when the second is broken', async () => {
    const token = me.client.tokens.access_token;
    const first = `GET /user/me HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n\r\n`;
    const text = await exchange(product.url, first, { then: ['broken\r\n\r\n'] });
    // Either the first is answered, or the whole connection is refused; answers are never mixed up.
    expect(text).toMatch(/^HTTP\/1\.1 (200|400) /);
  });

  it('writes no refusal into an answer that has begun', async () => {
    const token = me.client.tokens.access_token;
    const open = `GET /events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n\r\n`;
    const text = await exchange(product.url, open, { meanwhile: '\0garbage\r\n\r\n' });
    expect(text).toMatch(/^HTTP\/1\.1 200 /);
    expect(text.match(/HTTP\/1\.1 /g)).toHaveLength(1);
  });
});

it('keeps answering', async () => {
  expect((await request('GET', `${product.url}/health/ready`)).body.status).toBe('ok');
});
