/** Opens many live connections over bare sockets: event streams, or WebSockets. */
import net from 'node:net';

/** Connections opened at the same time; the rest wait. */
const atOnce = 100;

export interface StreamTarget {
  readonly port: number;
  /** One for each connection. */
  readonly requests: readonly string[];
  /** What is sent once the server has changed its protocol; null for event streams. */
  readonly hello: Uint8Array | null;
}

/** Resolves when every connection has received its first events, or the answer to its hello. */
export async function openStreams({ port, requests, hello }: StreamTarget): Promise<net.Socket[]> {
  const sockets: net.Socket[] = [];
  const waiting = [...requests];
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (let request = waiting.pop(); request !== undefined; request = waiting.pop()) {
        sockets.push(await openStream(port, request, hello));
      }
    }),
  );
  return sockets;
}

async function openStream(port: number, request: string, hello: Uint8Array | null): Promise<net.Socket> {
  const socket = net.connect({ port, host: '127.0.0.1' });
  const answer = async (sent: string | Uint8Array) => {
    const first = nextBytes(socket);
    socket.write(sent);
    return (await first).toString('latin1');
  };
  const head = await answer(request);
  if (!head.startsWith(hello ? 'HTTP/1.1 101' : 'HTTP/1.1 200')) throw new Error(`no stream: ${head}`);
  const welcome = hello && (await answer(hello));
  if (welcome?.includes('"welcome"') === false) throw new Error(`no welcome: ${welcome}`);
  return socket;
}

function nextBytes(socket: net.Socket): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const fail = () => reject(new Error('a stream was closed'));
    socket.once('error', reject).once('close', fail);
    socket.once('data', (chunk) => {
      socket.off('error', reject).off('close', fail);
      resolve(chunk);
    });
  });
}
