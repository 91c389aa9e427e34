/** Form encoding with nested brackets, as the API takes it in bodies and query strings, and typed readers over it. */
import { invalid, missingParam } from './errors.ts';

type ParamValue = string | ParamValue[] | Params;
export interface Params {
  [name: string]: ParamValue;
}

/** Reads `a[b][0]=c` into `{ a: { b: ['c'] } }`. Indexes and `[]` both make lists. */
export function parseForm(encoded: string): Params {
  const root: Params = Object.create(null) as Params;
  for (const [key, value] of new URLSearchParams(encoded)) put(root, keyPath(key), value);
  return listsIn(root) as Params;
}

function keyPath(key: string): string[] {
  const [head = '', ...rest] = key.split('[');
  return [head, ...rest.map((part) => part.replace(/\]$/, ''))];
}

function put(target: Params, path: string[], value: string): void {
  const [rawName = '', ...rest] = path;
  const name = rawName === '' ? String(Object.keys(target).length) : rawName;
  if (rest.length === 0) {
    target[name] = value;
    return;
  }
  const inner = target[name];
  const hash: Params = isParams(inner) ? inner : (Object.create(null) as Params);
  target[name] = hash;
  put(hash, rest, value);
}

/** A hash whose keys are all numbers was a list on the wire. */
function listsIn(value: ParamValue): ParamValue {
  if (!isParams(value)) return value;
  const entries = Object.entries(value).map(([name, inner]) => [name, listsIn(inner)] as const);
  const isList = entries.length > 0 && entries.every(([name]) => /^\d+$/.test(name));
  return isList ? entries.map(([, inner]) => inner) : Object.fromEntries(entries);
}

function isParams(value: ParamValue | undefined): value is Params {
  return typeof value === 'object' && !Array.isArray(value);
}

/** Stripe rejects unknown parameters; the fake also rejects those it does not model, with an explanation. */
export function onlyKnown(params: Params, known: readonly string[]): void {
  const stranger = Object.keys(params).find((name) => !known.includes(name));
  if (stranger === undefined) return;
  throw invalid(`Received unknown parameter: ${stranger} (or one the fake Stripe does not model)`, {
    code: 'parameter_unknown',
    param: stranger,
  });
}

/** The text of a parameter; undefined when it is absent or empty. */
export function text(params: Params, name: string): string | undefined {
  const value = params[name];
  if (value === undefined || value === '') return undefined;
  if (typeof value !== 'string') throw invalid(`Invalid string: ${name}`, { param: name });
  return value;
}

export function requiredText(params: Params, name: string): string {
  const value = text(params, name);
  if (value === undefined) throw missingParam(name);
  return value;
}

export function integer(params: Params, name: string): number | undefined {
  const value = text(params, name);
  if (value === undefined) return undefined;
  if (!/^-?\d+$/.test(value)) {
    throw invalid(`Invalid integer: ${value}`, { code: 'parameter_invalid_integer', param: name });
  }
  return Number(value);
}

export function flag(params: Params, name: string): boolean | undefined {
  const value = text(params, name);
  if (value === undefined || value === 'true' || value === 'false') return value && value === 'true';
  throw invalid(`Invalid boolean: ${value}`, { param: name });
}

/** One of a closed list of words. */
export function word<T extends string>(params: Params, name: string, words: readonly T[]): T | undefined {
  const value = text(params, name);
  if (value === undefined) return undefined;
  const found = words.find((candidate) => candidate === value);
  if (found === undefined) throw invalid(`Invalid ${name}: must be one of ${words.join(', ')}`, { param: name });
  return found;
}

/** A nested hash, `{}` when absent. */
export function hash(params: Params, name: string): Params {
  const value = params[name];
  return isParams(value) ? value : {};
}

/** A list of hashes or texts; `[]` when absent. */
export function list(params: Params, name: string): ParamValue[] {
  const value = params[name];
  return Array.isArray(value) ? value : [];
}

/** Merges a metadata parameter as Stripe does: an empty value removes its key, an empty parameter removes all. */
export function mergeMetadata(params: Params, current: Record<string, string>): Record<string, string> {
  if (params.metadata === '') return {};
  const merged = { ...current };
  for (const [key, value] of Object.entries(hash(params, 'metadata'))) {
    if (value === '') delete merged[key];
    else if (typeof value === 'string') merged[key] = value;
  }
  return merged;
}
