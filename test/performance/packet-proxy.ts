/** A TCP proxy that records the packets it receives: at most as many as the sender's system calls. */
import { once } from 'node:events';
import net from 'node:net';

export interface PacketProxy extends AsyncDisposable {
  readonly port: number;
  /** Packets from clients since the last `clear`. */
  readonly packets: readonly string[];
  clear(): void;
}

/** Forwards to a port of this machine. */
export async function packetProxy(targetPort: number): Promise<PacketProxy> {
  const packets: string[] = [];
  const sockets = new Set<net.Socket>();
  const server = net.createServer((near) => {
    const far = net.connect({ port: targetPort, host: '127.0.0.1', noDelay: true });
    near.on('data', (packet) => packets.push(packet.toString('latin1')));
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.pipe(to);
      from.on('error', () => to.destroy());
      from.on('close', () => sockets.delete(from));
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as net.AddressInfo).port,
    packets,
    clear: () => packets.splice(0),
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
