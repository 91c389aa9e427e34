/**
 * The minimum that serves live events over WebSockets: `GET /ws` answers the client's first frame and is kept open, and `POST
 * /frames` (a JSON list of frames) writes each frame to every open connection.
 */
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { WebSocketServer, type WebSocket } from 'ws';

const open = new Set<WebSocket>();
const sockets = new WebSocketServer({ noServer: true, clientTracking: false });

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.url === '/frames') {
    for (const frame of (await json(request)) as string[]) {
      const bytes = Buffer.from(frame);
      for (const connection of open) connection.send(bytes, { binary: false });
    }
  }
  response.end('up');
}

function follow(socket: WebSocket): void {
  socket.once('message', () => {
    socket.send('{"type":"welcome","position":""}');
    open.add(socket);
  });
  socket.once('close', () => open.delete(socket));
}

http
  .createServer((request, response) => void serve(request, response))
  .on('upgrade', (request, connection, head) => sockets.handleUpgrade(request, connection, head, follow))
  .listen({ port: Number(process.env.PORT), host: '127.0.0.1', backlog: 8192 });
