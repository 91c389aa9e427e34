/** The settings in force, for operators: secrets are masked. */
import type { Environment } from './reader.ts';
import { settings, type SettingName } from './settings.ts';

export interface SettingInForce {
  readonly name: SettingName;
  /** Null if there is none. */
  readonly value: string | null;
  readonly isDefault: boolean;
  readonly about: string;
}

const secrets: ReadonlySet<SettingName> = new Set([
  'SECRET_KEY',
  'METRICS_TOKEN',
  'REDIS_PASSWORD',
  'TWILIO_AUTH_TOKEN',
  'GEMINI_API_KEY',
  'STRIPE_SECRET_KEY',
  'STRIPE_WEBHOOK_SECRET',
  'STRIPE_THIN_WEBHOOK_SECRET',
]);
const mask = '********';
const secretParameter = /pass|secret|token|key/i;

/** Every setting, in the order of the documentation. */
export function settingsInForce(environment: Environment): SettingInForce[] {
  return (Object.keys(settings) as SettingName[]).map((name) => {
    const given = environment[name]?.trim() ?? '';
    const { fallback, about } = settings[name];
    const value = given || fallback;
    return {
      name,
      value: value === '' ? null : shown(name, value),
      isDefault: given === '' || given === fallback,
      about,
    };
  });
}

function shown(name: SettingName, value: string): string {
  if (secrets.has(name)) return mask;
  return /:\/\//.test(value) ? withoutPasswords(value) : value;
}

/** Of a URL, or a list of them. */
function withoutPasswords(value: string): string {
  return value.split(',').map(withoutPassword).join(',');
}

function withoutPassword(text: string): string {
  if (!/:\/\//.test(text)) return text;
  if (!URL.canParse(text)) return mask;
  const url = new URL(text);
  if (url.password !== '') url.password = mask;
  for (const name of url.searchParams.keys()) if (secretParameter.test(name)) url.searchParams.set(name, mask);
  return url.href;
}
