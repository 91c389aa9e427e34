/** A database that accepts connections and never answers: the start fails, so that its supervisor can act. */
import { once } from 'node:events';
import net from 'node:net';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { announcePresence } from '../../server/adapters/database/postgres-presence.ts';

describe('a start', () => {
  it('fails when the database accepts connections and does not answer', async () => {
    const sockets = new Set<net.Socket>();
    const server = net.createServer((socket) => sockets.add(socket.on('error', () => {}))).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as net.AddressInfo;
    const address = { setting: 'DATABASE_URL', url: `postgres://nobody@127.0.0.1:${port}/nothing` } as const;
    const started = announcePresence(address, 'shared', pino({ level: 'silent' }));
    await expect(started).rejects.toThrow(`PostgreSQL at 127.0.0.1:${port} does not answer.`);
    for (const socket of sockets) socket.destroy();
    server.close();
  }, 15_000);
});
