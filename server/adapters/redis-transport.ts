/** Tells whether a port speaks Redis in the clear or TLS, when a connection of the other kind fails there. */
import net from 'node:net';
import tls from 'node:tls';

const timeoutMs = 1500;

/** True when an inline PING gets an answer of Redis. */
export function speaksPlainly(host: string, port: number): Promise<boolean> {
  const socket = net.connect({ host, port }, () => socket.write('PING\r\n'));
  return firstOf(socket, (settle) => socket.once('data', (data) => settle(/^[+-]/.test(data.toString('latin1')))));
}

/** True when a TLS handshake comes to its end; whose certificate it is does not matter here. */
export function speaksTls(host: string, port: number): Promise<boolean> {
  const socket = tls.connect({ host, port, rejectUnauthorized: false });
  return firstOf(socket, (settle) => socket.once('secureConnect', () => settle(true)));
}

async function firstOf(socket: net.Socket, listen: (settle: (answer: boolean) => void) => void): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  listen(resolve);
  socket.once('error', () => resolve(false));
  socket.once('close', () => resolve(false));
  socket.setTimeout(timeoutMs, () => resolve(false));
  const answer = await promise;
  socket.destroy();
  return answer;
}
