/** render.yaml: both services run one image with valid settings, and every reference resolves. */
import { describe, expect, it } from 'vitest';
import { settings } from '../../server/config/settings.ts';
import { parseConfig } from '../../server/config/config.ts';
import { shippedFlags } from '../../scripts/shipped-flags.ts';
import { productionSecrets, readYaml } from './files.ts';

interface Variable {
  readonly key?: string;
  readonly value?: string;
  readonly sync?: false;
  readonly generateValue?: true;
  readonly fromGroup?: string;
  readonly fromDatabase?: { readonly name: string };
  readonly fromService?: { readonly type: string; readonly name: string; readonly envVarKey?: string };
}

interface Blueprint {
  readonly services: readonly {
    readonly type: string;
    readonly name: string;
    readonly dockerCommand?: string;
    readonly envVars?: readonly Variable[];
    readonly maxmemoryPolicy?: string;
    readonly maxShutdownDelaySeconds?: number;
  }[];
  readonly databases: readonly { readonly name: string }[];
  readonly envVarGroups: readonly { readonly name: string; readonly envVars: readonly Variable[] }[];
}

const [blueprint] = readYaml<Blueprint>('render.yaml');
const { services, databases, envVarGroups } = blueprint!;

const asked: Record<string, string> = {
  ...productionSecrets,
  STRIPE_SECRET_KEY: 'sk_x',
  STRIPE_WEBHOOK_SECRET: 'whsec_x',
  STRIPE_PRO_PRICE_ID: 'price_x',
  FRONTEND_URL: 'https://chat.example.com',
  VAPID_SUBJECT: 'mailto:you@example.com',
};

/** The value that Render sets for a variable; throws when its reference does not resolve. */
function valueOf({ key = '', value, sync, generateValue, fromDatabase, fromService }: Variable): string {
  if (value !== undefined) return value;
  if (sync === false) return asked[key] ?? '';
  if (generateValue) return 'kA0/q7Tz+M3xV9bR5dWn2LhY8cJfE6sGpUi4oXmKtQy=';
  if (fromDatabase && databases.some(({ name }) => name === fromDatabase.name)) return 'postgres://user:pass@host/db';
  const other = services.find(({ name, type }) => name === fromService?.name && type === fromService.type);
  if (!other) throw new Error(`${key} refers to no service`);
  if (fromService?.envVarKey === undefined) return 'redis://host:6379';
  const there = other.envVars?.find((variable) => variable.key === fromService.envVarKey);
  if (!there) throw new Error(`${other.name} has no ${fromService.envVarKey}`);
  return valueOf(there);
}

function environmentOf(variables: readonly Variable[] = []): Record<string, string> {
  const all = variables.flatMap((variable) =>
    variable.fromGroup === undefined
      ? [variable]
      : envVarGroups.find(({ name }) => name === variable.fromGroup)!.envVars,
  );
  return Object.fromEntries(all.map((variable) => [variable.key ?? '', valueOf(variable)]));
}

describe('render.yaml', () => {
  it.each([
    ['web', 'api'],
    ['worker', 'worker'],
  ] as const)('sets settings for its %s service that are valid for the role %s', (type, role) => {
    const service = services.find((candidate) => candidate.type === type)!;
    expect(service.dockerCommand).toBe(['node', ...shippedFlags(role), 'server/main.ts', role].join(' '));
    expect(service.maxShutdownDelaySeconds).toBeGreaterThanOrEqual(15);
    const environment = environmentOf(service.envVars);
    expect(Object.keys(environment).filter((name) => !(name in settings))).toEqual([]);
    expect(parseConfig(environment, role)).toMatchObject({
      production: true,
      push: { subject: 'mailto:you@example.com' },
      catalog: { plans: [{}, { stripePrices: ['price_x'] }] },
    });
  });

  it('sets the same settings for both', () => {
    const [web, worker] = ['web', 'worker'].map((type) => services.find((candidate) => candidate.type === type)!);
    expect(environmentOf(worker!.envVars)).toEqual(environmentOf(web!.envVars));
  });

  it('configures Redis not to evict', () => {
    expect(services.find(({ type }) => type === 'keyvalue')?.maxmemoryPolicy).toBe('noeviction');
  });
});
