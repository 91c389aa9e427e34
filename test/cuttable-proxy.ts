/** A TCP proxy that can drop data silently, as a network does: both ends still consider the connection open. */
import { once } from 'node:events';
import net from 'node:net';

export interface CuttableProxy extends AsyncDisposable {
  readonly port: number;
  /** Drops all bytes of the current connections permanently, without an error. New connections work. */
  cutSilently(): void;
  /** As before; new connections too are accepted but not answered until `heal`. */
  blackOut(): void;
  /** Closes all connections, and new ones on arrival, until `heal`. */
  refuse(): void;
  heal(): void;
}

interface Pair {
  readonly near: net.Socket;
  readonly far: net.Socket;
}

/** Forwards to a port of this machine. */
export async function cuttableProxy(targetPort: number): Promise<CuttableProxy> {
  const pairs = new Set<Pair>();
  let isDark = false;
  let refuses = false;

  const server = net.createServer({ allowHalfOpen: true }, (near) => {
    if (refuses) {
      near.destroy();
      return;
    }
    const far = net.connect({ port: targetPort, host: '127.0.0.1', allowHalfOpen: true });
    const pair = { near, far };
    pairs.add(pair);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.on('error', () => to.destroy());
      from.on('close', () => pairs.delete(pair));
      if (!isDark) from.pipe(to);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  function cutSilently(): void {
    for (const { near, far } of pairs) {
      near.unpipe(far);
      far.unpipe(near);
      near.resume();
      far.resume();
    }
  }

  return {
    port: (server.address() as net.AddressInfo).port,
    cutSilently,
    blackOut() {
      isDark = true;
      cutSilently();
    },
    refuse() {
      refuses = true;
      for (const { near, far } of pairs) {
        near.destroy();
        far.destroy();
      }
    },
    heal() {
      isDark = false;
      refuses = false;
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      for (const { near, far } of pairs) {
        near.destroy();
        far.destroy();
      }
      await closed;
    },
  };
}
