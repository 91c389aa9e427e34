/**
 * The minimum that serves live events: `GET /events` is kept open, and `POST /frames` (a JSON list of frames) writes each
 * frame to every open connection.
 */
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';

const open = new Set<ServerResponse>();

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.url === '/events') {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' });
    response.write('retry: 2000\n\n');
    open.add(response);
    response.once('close', () => open.delete(response));
    return;
  }
  if (request.url === '/frames') {
    for (const frame of (await json(request)) as string[]) {
      const bytes = Buffer.from(frame);
      for (const connection of open) connection.write(bytes);
    }
  }
  response.end('up');
}

http
  .createServer((request, response) => void serve(request, response))
  .listen({ port: Number(process.env.PORT), host: '127.0.0.1', backlog: 8192 });
