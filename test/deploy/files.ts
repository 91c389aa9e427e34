/** Reads deployment files: YAML, with variables interpolated as Compose does. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';

/** Settings every production process needs, with valid values. */
export const productionSecrets: Readonly<Record<string, string>> = {
  SECRET_KEY: '5b0e9c3fa7d18264e6c90b7d2f48a1539d04c6e1b8f72a35',
  POLLUX_POSTGRES_PASSWORD: 'postgres-password',
  POLLUX_REDIS_PASSWORD: 'redis-password',
  GRAFANA_PASSWORD: 'grafana-password',
  TWILIO_ACCOUNT_SID: 'AC0',
  TWILIO_AUTH_TOKEN: 'token',
  TWILIO_MESSAGING_SERVICE_SID: 'MG0',
  GEMINI_API_KEY: 'key',
};

export const root = fileURLToPath(new URL('../..', import.meta.url));

export function readText(path: string): string {
  return readFileSync(`${root}${path}`, 'utf8');
}

/** Every document of a YAML file; throws for anything the parser complains about, duplicate keys included. */
export function readYaml<T = any>(path: string): T[] {
  return parseAllDocuments(readText(path), { merge: true }).map((document) => {
    const [problem] = [...document.errors, ...document.warnings];
    if (problem) throw new Error(`${path}: ${problem.message}`);
    return document.toJS() as T;
  });
}

const variable = /\$\{(\w+)(?:(:?[-?])([^}]*))?\}/g;

/** Fills in `${NAME}`, `${NAME:-default}` and `${NAME:?complaint}` as Compose does. Throws the complaint. */
export function interpolate(text: string, environment: Readonly<Record<string, string>>): string {
  return text.replaceAll(variable, (_whole, name: string, operator?: string, word = '') => {
    const value = environment[name];
    const there = operator?.startsWith(':') ? Boolean(value) : value !== undefined;
    if (there || operator === undefined) return value ?? '';
    if (operator.endsWith('?')) throw new Error(`${name}: ${word}`);
    return word;
  });
}

/** The variables that must be set. */
export function requiredVariables(text: string): Set<string> {
  const required = [...text.matchAll(variable)].filter(([, , operator]) => operator?.endsWith('?'));
  return new Set(required.map(([, name]) => name!));
}
