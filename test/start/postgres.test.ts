/** Every wrong `DATABASE_URL` ends in its message, against real servers; also in the operator's command. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { shortOfConnections, unfit } from '../../server/adapters/database/postgres-check.ts';
import { openPostgres } from '../../server/adapters/database/postgres.ts';
import { announcePresence } from '../../server/adapters/database/postgres-presence.ts';
import { canSpawnPostgres } from '../faults/postgres-server.ts';
import { quietLog } from '../ports/adapters.ts';
import { canCertify } from './certificate.ts';
import { openServers } from './postgres-servers.ts';
import { wrongDatabases, type Servers } from './postgres.ts';
import { expectRefusal } from './refused-start.ts';

describe.skipIf(!canSpawnPostgres || !canCertify)('DATABASE_URL', { timeout: 120_000 }, () => {
  const opened = new AsyncDisposableStack();
  let servers: Servers;
  beforeAll(async () => {
    servers = await openServers(opened);
  });
  afterAll(() => opened.disposeAsync());

  it.each(wrongDatabases)('$given', async ({ sentence, environment }) => {
    await expectRefusal(sentence, environment(servers));
  });

  it('of 20 connections: the process that exceeds them logs that, and starts', async () => {
    const url = servers.plain('chat', 'app');
    const { log, lines } = quietLog();
    await using running = new AsyncDisposableStack();
    const start = async () => {
      running.use(await announcePresence({ setting: 'DATABASE_URL', url }, 'shared', log));
      running.use(await openPostgres({ url, directUrl: null, poolSize: 7, processes: 1, log }));
    };
    await start();
    await start();
    expect(lines).toEqual([]);
    await start();
    expect(lines.map(({ msg }) => msg)).toEqual([
      'With the running processes: 3 processes with DATABASE_POOL_SIZE=7 can need 25 connections, and PostgreSQL allows 17. Set DATABASE_POOL_SIZE=4, or allow more.',
    ]);
  });

  it.each(['no-verify', 'require', 'verify-full'])(
    'starts over TLS with sslmode=%s, without a warning',
    async (mode) => {
      const told: unknown[] = [];
      const listen = (warning: unknown) => told.push(warning);
      process.on('warning', listen);
      const authority = mode === 'no-verify' ? '' : `&sslrootcert=${servers.certificate}`;
      const url = `${servers.tls('chat')}?sslmode=${mode}${authority}`;
      await using db = await openPostgres({ url, directUrl: null, poolSize: 2, processes: 1, log: quietLog().log });
      const secure = { name: 'is_secure', text: 'select ssl from pg_stat_ssl where pid = pg_backend_pid()' };
      expect(await db.run(secure, [])).toEqual([{ ssl: true }]);
      process.off('warning', listen);
      expect(told).toEqual([]);
    },
  );

  it('stops the operator’s command too', async () => {
    const [first] = wrongDatabases;
    await expectRefusal(first!.sentence, first!.environment(servers), {
      command: ['server/cli.ts', 'users', 'find', '1'],
    });
  });
});

describe('a server', () => {
  const fit = {
    version: 150_004,
    encoding: 'UTF8',
    readOnly: false,
    connections: 97,
    present: 0,
    pid: 1,
    halfCopied: false,
  };

  it('is refused when it is too old', () => {
    expect(unfit({ ...fit, version: 140_011 }, 'DATABASE_URL', 'chat')).toBe(
      'PostgreSQL of DATABASE_URL is version 14; Pollux needs 15 or newer. Upgrade it, or use another server.',
    );
    expect(unfit({ ...fit, version: 90_624 }, 'DATABASE_URL', 'chat')).toContain('version 9;');
    expect(unfit(fit, 'DATABASE_URL', 'chat')).toBeNull();
    expect(unfit({ ...fit, version: 180_001 }, 'DATABASE_URL', 'chat')).toBeNull();
  });

  it('must have connections for all processes of one start', () => {
    expect(shortOfConnections({ processes: 1, poolSize: 10 }, 12)).toBeNull();
    expect(shortOfConnections({ processes: 1, poolSize: 10 }, 11)).toBe(
      'One process with DATABASE_POOL_SIZE=10 can need 12 connections, and PostgreSQL allows 11. Set DATABASE_POOL_SIZE=9, or allow more.',
    );
    expect(shortOfConnections({ processes: 4, poolSize: 10 }, 17)).toContain('4 processes');
    expect(shortOfConnections({ processes: 4, poolSize: 10 }, 17)).toContain('Set DATABASE_POOL_SIZE=3,');
    expect(shortOfConnections({ processes: 4, poolSize: 3 }, 17)).toBeNull();
    expect(shortOfConnections({ processes: 20, poolSize: 1 }, 17)).toContain('Set a smaller WEB_CONCURRENCY');
  });
});
