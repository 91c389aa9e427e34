/** The HTTP server: pages for people, the API for the SDK, and connections cut on demand. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { PageRequest } from '../pages/layout.ts';
import { answerOf, type Answer } from './answer.ts';
import type { Api } from './api.ts';
import { parseForm } from './params.ts';

interface Server extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
}

export type Pages = (request: PageRequest) => Promise<Answer | undefined>;

/** Listens on the loopback address; port 0 selects a free one. */
export async function listen(options: {
  host: string;
  port: number;
  api: Api;
  pages: Pages;
  signal: AbortSignal;
}): Promise<Server> {
  const { host, api, pages, signal } = options;
  const server = createServer((request, response) => {
    void respond(request, response, api, pages, signal);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${host}:${port}`,
    port,
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  api: Api,
  pages: Pages,
  signal: AbortSignal,
): Promise<void> {
  try {
    const answer = await answerTo(request, api, pages, signal);
    if (answer === null) response.destroy();
    else response.writeHead(answer.status, answer.headers).end(answer.body);
  } catch (error) {
    const message = `The fake Stripe failed: ${error instanceof Error ? error.message : String(error)}`;
    const broken = answerOf(500, { error: { type: 'api_error', message } }, { 'Content-Type': 'application/json' });
    if (!response.destroyed) response.writeHead(broken.status, broken.headers).end(broken.body);
  }
}

async function answerTo(request: IncomingMessage, api: Api, pages: Pages, signal: AbortSignal): Promise<Answer | null> {
  const method = request.method ?? 'GET';
  const { pathname: path, search } = new URL(request.url ?? '/', 'http://fake');
  const body = await text(request);
  const query = search.slice(1);
  const page = await pages({ method, path, query: parseForm(query), form: parseForm(body) });
  if (page) return page;
  return api.handle({ method, path, encoded: method === 'POST' ? body : query, headers: request.headers, signal });
}
