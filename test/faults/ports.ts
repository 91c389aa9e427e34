/** Ports that stay free while their server is down. */
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import net from 'node:net';

/**
 * A free port below the range the kernel takes for outgoing connections (32768 and up on Linux). One from that range
 * may be taken while its server is down, and a client that keeps trying on the loopback may even connect to itself.
 */
export async function stablePort(): Promise<number> {
  for (;;) {
    const server = net.createServer();
    try {
      server.listen(randomInt(11_000, 32_000), '127.0.0.1');
      await once(server, 'listening');
      return (server.address() as net.AddressInfo).port;
    } catch {
      continue;
    } finally {
      server.close();
    }
  }
}
