/** Opens many event streams over bare sockets. */
import net from 'node:net';

/** Connections opened at the same time; the rest wait. */
const atOnce = 100;

export interface StreamTarget {
  readonly port: number;
  /** One for each connection. */
  readonly requests: readonly string[];
}

/** Resolves when every stream has sent its first bytes. */
export async function openStreams({ port, requests }: StreamTarget): Promise<net.Socket[]> {
  const sockets: net.Socket[] = [];
  const waiting = [...requests];
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (let request = waiting.pop(); request !== undefined; request = waiting.pop()) {
        sockets.push(await openStream(port, request));
      }
    }),
  );
  return sockets;
}

async function openStream(port: number, request: string): Promise<net.Socket> {
  const socket = net.connect({ port, host: '127.0.0.1' });
  socket.write(request);
  const first = await new Promise<Buffer>((resolve, reject) => {
    socket.once('data', resolve);
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('a stream was closed')));
  });
  if (!first.toString('latin1').startsWith('HTTP/1.1 200')) throw new Error(`no stream: ${first.toString('latin1')}`);
  socket.removeAllListeners('close');
  return socket;
}
