/** HTTP control of the fake Gemini, for tests that run it in another process. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import type { Behaviour } from './gemini-behaviour.ts';
import type { FakeGeminiStats, RecordedRequest } from './gemini-journal.ts';

/** Control of a fake, in the same process or over HTTP. */
export interface Controls {
  requests(): readonly RecordedRequest[];
  stats(): FakeGeminiStats;
  /** Behaviours of the next requests, one each. */
  next(...behaviours: readonly Behaviour[]): void;
  /** The behaviour of every other request. */
  usually(behaviour: Behaviour): void;
  /** Deletes the recorded requests, the queue, and the counts of each question. */
  clear(): void;
}

/**
 * `GET /_control/requests`, `GET /_control/calls` (what was counted for each), `GET /_control/stats`, `POST /_control/next` (a list of behaviours), `POST /_control/usual`
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
  if (call === 'GET /_control/calls') {
    return send(
      response,
      controls.requests().map(({ question, reported, refused }) => ({ question, reported, refused })),
    );
  }
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
