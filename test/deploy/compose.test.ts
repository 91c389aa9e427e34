/** compose.yaml: its settings are valid, only the proxy publishes ports, and Redis evicts nothing. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { settings } from '../../server/config/settings.ts';
import { parseConfig } from '../../server/config/config.ts';
import { StartRefused } from '../../server/config/start-refused.ts';
import { containerLimitMebibytes } from '../faults/memory-ceilings.ts';
import { canSpawnRedis, startRedis } from '../redis-server.ts';
import { shippedFlags } from '../../scripts/shipped-flags.ts';
import { interpolate, productionSecrets, readText, readYaml, requiredVariables, root } from './files.ts';

interface Service {
  readonly image: string;
  readonly command: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly networks: readonly string[];
  readonly profiles?: readonly string[];
  readonly stop_grace_period?: string;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly cap_add?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly deploy: { readonly replicas?: number; readonly resources: { readonly limits: { readonly memory: string } } };
}

const text = readText('compose.yaml');
const [compose] = readYaml<{ services: Record<string, Service>; volumes: Record<string, unknown> }>('compose.yaml');
const { services, volumes } = compose!;
const roles = ['api', 'worker'] as const;

/** The environment that Compose sets for a container. */
function environmentOf(name: string, given: Record<string, string> = productionSecrets): Record<string, string> {
  const entries = Object.entries(services[name]!.environment!);
  return Object.fromEntries(entries.map(([key, value]) => [key, interpolate(value, given)]));
}

it.each(roles)('leaves the model of the %s to the default or a catalog', (role) => {
  expect(environmentOf(role).GEMINI_MODEL).toBe('');
});

describe('compose.yaml', () => {
  it('names every secret that is missing', () => {
    expect(requiredVariables(text)).toEqual(
      new Set(['GRAFANA_PASSWORD', 'POLLUX_POSTGRES_PASSWORD', 'POLLUX_REDIS_PASSWORD', 'SECRET_KEY']),
    );
    for (const name of requiredVariables(text)) {
      expect(() => interpolate(text, { ...productionSecrets, [name]: '' })).toThrow(`${name}: make one with`);
    }
  });

  it.each(roles)('sets settings for the role %s that are valid in production', (role) => {
    const environment = environmentOf(role);
    expect(Object.keys(environment).filter((name) => !(name in settings))).toEqual([]);
    const config = parseConfig({ ...imageEnvironment(), ...environment }, role);
    expect(config).toMatchObject({ production: true, host: '0.0.0.0', port: 8000, healthPort: 8001 });
    expect(config.redis?.password).toBe(productionSecrets.POLLUX_REDIS_PASSWORD);
  });

  it('runs without accounts at vendors, but not in production', () => {
    const { SECRET_KEY, POLLUX_POSTGRES_PASSWORD, POLLUX_REDIS_PASSWORD } = productionSecrets;
    const passwords = { SECRET_KEY, POLLUX_POSTGRES_PASSWORD, POLLUX_REDIS_PASSWORD } as Record<string, string>;
    const trial = environmentOf('api', { ...passwords, NODE_ENV: 'development', SMS_PROVIDER: 'console' });
    expect(parseConfig({ ...imageEnvironment(), ...trial }, 'api')).toMatchObject({ otp: { echo: false } });
    expect(() => parseConfig({ ...imageEnvironment(), ...environmentOf('api', passwords) }, 'api')).toThrow(
      StartRefused,
    );
  });

  it.each(roles)('starts %s from the common image, after its dependencies, and leaves it time to shut down', (role) => {
    const service = services[role]!;
    expect(service.command).toEqual(['node', ...shippedFlags(role), 'server/main.ts', role]);
    expect(service.image).toBe(services.api!.image);
    expect(service.depends_on).toEqual({
      postgres: { condition: 'service_healthy' },
      redis: { condition: 'service_healthy' },
    });
    expect(service).toMatchObject({ stop_grace_period: '15s', read_only: true, cap_drop: ['ALL'] });
    expect(service.deploy.replicas).toBeGreaterThan(1);
  });

  it('publishes ports of the proxy only, and Grafana on loopback', () => {
    const open = Object.entries(services).flatMap(([name, { ports = [] }]) => ports.map((port) => `${name} ${port}`));
    expect(open).toEqual(['proxy 80:80', 'proxy 443:443', 'proxy 443:443/udp', 'grafana 127.0.0.1:3000:3000']);
  });

  it('drops unneeded privileges of every service, and keeps databases off the internet', () => {
    for (const [name, service] of Object.entries(services)) {
      expect(service, name).toMatchObject({
        read_only: true,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
      });
      expect(service.cap_add ?? [], name).toEqual(name === 'proxy' ? ['NET_BIND_SERVICE'] : []);
    }
    const { networks } = compose as unknown as { networks: Record<string, { internal?: boolean }> };
    for (const name of ['postgres', 'redis']) expect(services[name]!.networks).toEqual(['inside']);
    expect(networks.inside).toEqual({ internal: true });
    expect(services.proxy!.networks).toEqual(['edge']);
    expect(services.grafana!.networks).toEqual(['observed']);
  });

  it('pins every image, limits every service, and mounts files that exist', () => {
    for (const [name, { image, deploy, volumes: mounts = [] }] of Object.entries(services)) {
      if (!roles.includes(name as 'api')) expect(image, name).toMatch(/:v?\d+\.\d+/);
      const { memory } = deploy.resources.limits;
      if (name === 'api' || name === 'worker') expect(memory, name).toBe(`${containerLimitMebibytes[name]}M`);
      else expect(memory, name).toMatch(/^\d+[MG]$/);
      for (const mount of mounts) {
        const [source = ''] = mount.split(':');
        expect(source.startsWith('.') ? existsSync(path.join(root, source)) : source in volumes, mount).toBe(true);
      }
    }
    expect(services.postgres!.healthcheck!.test).toContain('127.0.0.1');
  });
});

describe.skipIf(!canSpawnRedis)('Redis of compose.yaml', () => {
  it('starts with these arguments, requires the password, and evicts nothing', async () => {
    const args = services.redis!.command.slice(1).map((word) => interpolate(word, productionSecrets));
    await using server = await startRedis({ args });
    await using stranger = disposable(new Redis(server.port, { enableReadyCheck: false }));
    await expect(stranger.client.ping()).rejects.toThrow('NOAUTH');
    const password = productionSecrets.POLLUX_REDIS_PASSWORD;
    await using known = disposable(new Redis(server.port, { password }));
    expect(await known.client.config('GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'noeviction']);
    expect(await known.client.config('GET', 'appendonly')).toEqual(['appendonly', 'yes']);
  });
});

function disposable(client: Redis): { client: Redis } & AsyncDisposable {
  client.on('error', () => {});
  return { client, [Symbol.asyncDispose]: async () => client.disconnect() };
}

function imageEnvironment(): Record<string, string> {
  const [, words = ''] = /^ENV (.+)$/m.exec(readText('Dockerfile')) ?? [];
  return Object.fromEntries(words.split(' ').map((word) => word.split('=') as [string, string]));
}
