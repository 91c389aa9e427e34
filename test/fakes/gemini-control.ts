/** The fake Gemini's own HTTP calls, for tests that run it in another process. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import type { Behaviour } from './gemini-behaviour.ts';
import type { FakeGeminiStats, RecordedRequest } from './gemini-journal.ts';

/** What can be asked of a fake, in its process or over HTTP. */
export interface Controls {
  requests(): readonly RecordedRequest[];
  stats(): FakeGeminiStats;
  /** The next requests behave like this, one each. */
  next(...behaviours: readonly Behaviour[]): void;
  /** Every request without another instruction behaves like this. */
  usually(behaviour: Behaviour): void;
  /** Forgets the requests, the queue and how often each question was asked. */
  clear(): void;
}

/**
 * `GET /_control/requests`, `GET /_control/stats`, `POST /_control/next` (a list of behaviours), `POST /_control/usual`
 * (one behaviour), `POST /_control/clear`.
 */
export async function handleControl(
  controls: Controls,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const call = `${request.method} ${path}`;
  if (call === 'GET /_control/requests') return send(response, controls.requests());
  if (call === 'GET /_control/stats') return send(response, controls.stats());
  if (call === 'POST /_control/next') controls.next(...((await json(request)) as Behaviour[]));
  else if (call === 'POST /_control/usual') controls.usually((await json(request)) as Behaviour);
  else if (call === 'POST /_control/clear') controls.clear();
  else {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(204).end();
}

function send(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
