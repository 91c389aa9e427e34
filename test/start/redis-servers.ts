/** The Redis servers that the rows of wrong settings point to. */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startRedis } from '../redis-server.ts';
import { makeCertificate } from './certificate.ts';
import type { RedisPorts } from './redis.ts';

/** The user of a managed server: limited to these keys and channels, without dangerous commands. */
const appUser = 'user app on >right ~pollux*:* &pollux*:* +@all -@dangerous +info';
const limitedUser = 'user limited on >right ~* &* +@read +@connection +info';
const quietUser = 'user quiet on >right ~* resetchannels +@all';

export async function openRedisServers(opened: AsyncDisposableStack): Promise<RedisPorts> {
  const folder = await mkdtemp(path.join(tmpdir(), 'pollux-redis-start-'));
  opened.defer(() => rm(folder, { recursive: true, force: true }));
  const certificate = { key: path.join(folder, 'key.pem'), certificate: path.join(folder, 'certificate.pem') };
  makeCertificate(certificate);
  const start = async (...args: string[]) => opened.use(await startRedis({ args }));
  const users = (name: string, ...lines: string[]) => {
    const file = path.join(folder, `${name}.acl`);
    writeFileSync(file, `${lines.join('\n')}\n`);
    return ['--aclfile', file];
  };
  const open = await start();
  const guarded = await start(...users('guarded', 'user default on >right ~* &* +@all', limitedUser, quietUser));
  const strict = users('restricted', 'user default off', appUser);
  const policy = ['--maxmemory', '100mb', '--maxmemory-policy', 'allkeys-lru'];
  const restricted = await start(...strict, ...policy, '--rename-command', 'CONFIG', '');
  const mute = await start('--rename-command', 'INFO', '');
  const cluster = await start('--cluster-enabled', 'yes');
  const replica = await start('--replicaof', '127.0.0.1', String(open.port));
  const sentinelFile = path.join(folder, 'sentinel.conf');
  writeFileSync(sentinelFile, `sentinel monitor main 127.0.0.1 ${open.port} 1\n`);
  const sentinel = opened.use(await startRedis({ file: sentinelFile, args: ['--sentinel'] }));
  const tlsArgs = ['--tls-cert-file', certificate.certificate, '--tls-key-file', certificate.key];
  const tls = opened.use(await startRedis({ tls: true, args: [...tlsArgs, '--tls-auth-clients', 'no'] }));
  const web = createServer((_request, response) => response.end()).listen(0, '127.0.0.1');
  await once(web, 'listening');
  opened.defer(() => void web.close());
  return {
    open: open.port,
    guarded: guarded.port,
    tls: tls.port,
    cluster: cluster.port,
    sentinel: sentinel.port,
    replica: replica.port,
    mute: mute.port,
    restricted: restricted.port,
    web: (web.address() as AddressInfo).port,
  };
}
