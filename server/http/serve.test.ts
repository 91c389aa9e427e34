/** Declarations of an endpoint object: who may call it, the kind of its body, and its limits. */
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import fastify, { type FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { describe, expect, it, onTestFinished } from 'vitest';
import { endpoint, problemsOf, type Endpoint } from '../../contract/endpoint.ts';
import { ProblemError } from '../problems/problem.ts';
import { takeJsonOnly } from './bodies.ts';
import { handleError, handleNotFound } from './error-handler.ts';
import { serveOn, type Serve } from './serve.ts';
import { compileValidator } from './validation.ts';

const Name = Type.Object({ name: Type.String({ minLength: 3 }) });
const common = {
  method: 'POST',
  operationId: 'a',
  tag: 'Service',
  summary: 'A',
  description: 'A.',
  body: Name,
  answers: { 200: { description: 'Done.', body: Type.Object({ seen: Type.String() }) } },
  problems: [],
} as const;
const rename = endpoint({ ...common, path: '/rename/:id', auth: 'admin', params: Type.Object({ id: Type.Integer() }) });
const greet = endpoint({ ...common, path: '/greet', auth: 'none' });
const greetBriefly = endpoint({ ...common, path: '/briefly', auth: 'none', maxBodyBytes: 32, bodyTimeoutMs: 50 });
const takeSigned = endpoint({ ...common, path: '/signed', auth: 'none', accepts: 'raw' });

const admitted: string[] = [];
const roles = { 'Bearer admin': 1, 'Bearer user': 2 };

function build(): FastifyInstance {
  admitted.length = 0;
  const app = fastify();
  app.setErrorHandler(handleError);
  app.setNotFoundHandler(handleNotFound);
  app.setValidatorCompiler(compileValidator);
  takeJsonOnly(app);
  const bearer = async ({ headers }: { headers: { authorization?: string | undefined } }) => {
    const userId = roles[headers.authorization as keyof typeof roles];
    if (userId === undefined) throw new ProblemError('invalid_token');
    return { userId, sessionId: 's', expiresAtMs: Infinity };
  };
  const serve: Serve = serveOn(app, {
    bearer,
    ticket: bearer,
    session: bearer,
    roleOf: (userId) => (userId === 1 ? 'admin' : 'user'),
    admit: async ({ role }) => void admitted.push(role),
  });
  serve(rename, async ({ caller, body, params }) => ({ seen: `${caller.role} ${params.id} ${body.name}` }));
  serve(greet, async ({ body }) => ({ seen: body.name }));
  serve(greetBriefly, async ({ body }) => ({ seen: body.name }));
  serve(takeSigned, async ({ body }) => ({ seen: Buffer.from(body).toString() }));
  onTestFinished(() => app.close());
  return app;
}

async function post(app: FastifyInstance, url: string, payload: string, authorization?: string) {
  const headers = { 'content-type': 'application/json', ...(authorization && { authorization }) };
  const { statusCode, body } = await app.inject({ method: 'POST', url, payload, headers });
  return { status: statusCode, body: JSON.parse(body) };
}

describe('an endpoint for administrators', () => {
  it('is served to administrators', async () => {
    const answer = await post(build(), '/rename/7', '{"name":"Ada"}', 'Bearer admin');
    expect(answer).toEqual({ status: 200, body: { seen: 'admin 7 Ada' } });
    expect(admitted).toEqual(['admin']);
  });

  it.each([
    ['valid', '/rename/7', '{"name":"Ada"}'],
    ['an invalid path', '/rename/x', '{"name":"Ada"}'],
    ['an invalid body', '/rename/7', '{"name":""}'],
    ['no JSON', '/rename/7', '{'],
    ['a body that is too long', '/rename/7', JSON.stringify({ name: 'a'.repeat(2 ** 20) })],
  ])('does not exist for other accounts: %s', async (_, url, payload) => {
    const app = build();
    const hidden = await post(app, url, payload, 'Bearer user');
    const missing = await post(app, '/nothing', '{"name":"Ada"}', 'Bearer user');
    expect(hidden.status).toBe(404);
    expect({ ...hidden.body, request_id: '' }).toEqual({ ...missing.body, request_id: '' });
    expect(admitted).toEqual([]);
  });

  it('requires a token first', async () => {
    for (const authorization of [undefined, 'Bearer nobody'])
      expect((await post(build(), '/rename/x', '{', authorization)).status).toBe(401);
  });

  it('documents its answers', () => {
    expect(problemsOf(rename)).toEqual(expect.arrayContaining(['invalid_token', 'not_found', 'validation_failed']));
  });
});

describe('a raw body', () => {
  it.each(['{"name":""}', '{', ' {"name": "\u00e9"} ', ''])('arrives unchanged: %j', async (payload) => {
    expect(await post(build(), '/signed', payload)).toEqual({ status: 200, body: { seen: payload } });
  });

  it('is empty if none was sent', async () => {
    const { statusCode, body } = await build().inject({ method: 'POST', url: '/signed' });
    expect([statusCode, body]).toEqual([200, '{"seen":""}']);
  });

  it('is accepted by no other endpoint, and other media types are not accepted by this one', async () => {
    const app = build();
    expect((await post(app, '/greet', '{"name":""}')).status).toBe(422);
    const other = await app.inject({
      method: 'POST',
      url: '/signed',
      payload: 'x',
      headers: { 'content-type': 'text/plain' },
    });
    expect(other.statusCode).toBe(415);
  });
});

describe('limits of a body', () => {
  it("include the endpoint's length", async () => {
    const app = build();
    const longer = JSON.stringify({ name: 'a'.repeat(40) });
    expect((await post(app, '/briefly', longer)).body).toMatchObject({ status: 413, code: 'body_too_large' });
    expect((await post(app, '/greet', longer)).status).toBe(200);
    expect((await post(app, '/briefly', '{"name":"Ada"}')).status).toBe(200);
  });

  it("include the endpoint's time: a late body is answered with 408, and the connection is closed", async () => {
    const answer = await trickle(build(), '/briefly');
    expect(answer).toMatch(/^HTTP\/1.1 408 /);
    expect(answer).toMatch(/\r\nconnection: close\r\n/i);
    expect(JSON.parse(answer.split('\r\n\r\n')[1]!)).toMatchObject({ code: 'request_timeout' });
  });

  it('raise the limit of whole requests if that is shorter', () => {
    const app = fastify({ requestTimeout: 1000 });
    const nobody = () => Promise.reject(new Error('nobody signs in here'));
    const serve = serveOn(app, {
      bearer: nobody,
      ticket: nobody,
      session: nobody,
      roleOf: nobody,
      admit: () => undefined,
    });
    const upload: Endpoint = { ...greet, bodyTimeoutMs: 60_000 };
    serve(upload, async () => undefined);
    expect(app.server.requestTimeout).toBe(60_000);
  });
});

/** Sends half a body; returns everything until the server closes the connection. */
async function trickle(app: FastifyInstance, path: string): Promise<string> {
  const address = new URL(await app.listen({ host: '127.0.0.1', port: 0 }));
  const socket = connect(Number(address.port), address.hostname);
  socket.write(
    `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 14\r\n\r\n{"name"`,
  );
  return text(socket);
}
