/** Detects whether a port speaks plain Redis or TLS. */
import net from 'node:net';
import tls from 'node:tls';

const timeoutMs = 1500;

/** The first byte of a TLS alert (RFC 8446, section 5.1), some servers' answer to anything but a handshake. */
const tlsAlert = 0x15;

/** What answers an inline PING: Redis or another program; null if nothing does without TLS. */
export function whoAnswersPing(host: string, port: number): Promise<'redis' | 'another' | null> {
  const socket = net.connect({ host, port }, () => socket.write('PING\r\n'));
  return firstOf<'redis' | 'another' | null>(socket, null, (settle) =>
    socket.once('data', (data) => {
      if (data[0] === tlsAlert) settle(null);
      else settle(/^[+-]/.test(data.toString('latin1')) ? 'redis' : 'another');
    }),
  );
}

/** True if a TLS handshake completes, with any certificate. */
export function speaksTls(host: string, port: number): Promise<boolean> {
  const socket = tls.connect({ host, port, rejectUnauthorized: false });
  return firstOf(socket, false, (settle) => socket.once('secureConnect', () => settle(true)));
}

async function firstOf<T>(socket: net.Socket, otherwise: T, listen: (settle: (answer: T) => void) => void): Promise<T> {
  const { promise, resolve } = Promise.withResolvers<T>();
  listen(resolve);
  socket.once('error', () => resolve(otherwise));
  socket.once('close', () => resolve(otherwise));
  socket.setTimeout(timeoutMs, () => resolve(otherwise));
  const answer = await promise;
  socket.destroy();
  return answer;
}
