/** Looks up in the code what a document names; each check returns the fault of a code span, or null. */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Endpoint } from '../../contract/endpoint.ts';

export interface Code {
  /** Names of `npm run` scripts. */
  readonly scripts: readonly string[];
  /** Commands of `npm run admin`, such as `users find`. */
  readonly adminCommands: readonly string[];
  readonly endpoints: readonly Pick<Endpoint, 'method' | 'path'>[];
  /** Paths of all files, with forward slashes. */
  readonly files: readonly string[];
  /** The text of all code. */
  readonly text: string;
}

/** Reads the code in which names are looked up. */
export function readCode(
  root: string,
  adminCommands: readonly string[],
  endpoints: readonly Pick<Endpoint, 'method' | 'path'>[],
): Code {
  const folders = '{contract,server,scripts,bench,dev,deploy,test,web,.ci,.github}/**/*';
  const files = globSync(['*', '.*', folders], { cwd: root, exclude: ['**/node_modules', '**/dist', '.git'] })
    .map((file) => file.replaceAll(path.sep, '/'))
    .filter((file) => !file.startsWith('test/documents'));
  const isCode = (file: string) =>
    /\.(ts|tsx|mjs|yaml|yml|json|sql)$|(^|\/)(\.ci\/run|Dockerfile|Caddyfile)$/.test(file);
  const text = files
    .filter((file) => isCode(file) && !file.includes('package-lock'))
    .map((file) => {
      return readFileSync(path.join(root, file), 'utf8');
    });
  const { scripts } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { scripts: object };
  return { scripts: Object.keys(scripts), adminCommands, endpoints, files, text: text.join('\n') };
}

type Check = (text: string, code: Code) => string | null;

const ownCommand = /(?:^|\s)(?:npm (?:start|test|run [\w:]+)|node (?:server|scripts|bench|test|dev|deploy)\/\S+)(.*)$/;

const checks: readonly Check[] = [
  function script(text, { scripts }) {
    const name = /(?:^|\s)npm run ([\w:]+)/.exec(text)?.[1];
    return name === undefined || scripts.includes(name) ? null : `there is no script ${name}`;
  },
  function program(text, { files }) {
    const file = /(?:^|\s)node ((?:server|scripts|bench|test|dev|deploy)\/\S+\.\w+)/.exec(text)?.[1];
    return file === undefined || files.includes(file) ? null : `there is no file ${file}`;
  },
  function adminCommand(text, { adminCommands }) {
    const rest = /(?:npm run admin --|node server\/(?:admin|cli)\.ts) ([a-z][a-z-]*)(?: ([a-z-]+))?/.exec(text);
    if (rest === null) return null;
    const [, first = '', second = ''] = rest;
    const known = [first, `${first} ${second}`].some((name) => adminCommands.includes(name));
    return known ? null : `there is no command ${first} ${second}`.trim();
  },
  function flag(text, code) {
    const flags = [...(ownCommand.exec(text)?.[1] ?? '').matchAll(/--([a-z][a-z-]+)/g)].map(([, name = '']) => name);
    const unknown = flags.find((name) => !new RegExp(`--${name}\\b|['"]?${name}['"]?: \\{ type`).test(code.text));
    return unknown === undefined ? null : `nothing reads --${unknown}`;
  },
  function file(text, { files }) {
    if (!/^[.a-z][\w.-]*(\/[\w.-]+)*(\.(ts|tsx|mjs|md|ya?ml|json|sql)|\/)$/.test(text)) return null;
    const wanted = text.replace(/\/$/, '');
    const found = files.some((name) => name === wanted || name.endsWith(`/${wanted}`) || name.startsWith(`${wanted}/`));
    return found || madeByRunning.some((made) => wanted.startsWith(made)) ? null : `there is no file ${text}`;
  },
  function httpPath(text, { endpoints, text: code }) {
    const [, method, rest = ''] = /^(?:(GET|POST|PUT|PATCH|DELETE) )?(\/[a-z][^\s?]*|…\/.+)$/.exec(text) ?? [];
    if (rest === '') return null;
    const wanted = rest.replace(/\?.*$/, '').replace(/\{[^}]*\}/g, '{}');
    const served = endpoints.some(
      (endpoint) =>
        (method === undefined || endpoint.method === method) && agrees(endpoint.path.replace(/:\w+/g, '{}'), wanted),
    );
    const elsewhere = method === undefined && code.includes(`'${wanted}'`);
    return served || elsewhere ? null : `nothing is served at ${text}`;
  },
  function setting(text, { text: code }) {
    const name = /^([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)(?:_?\*)?(?:=.*)?$/.exec(text)?.[1];
    return name === undefined || code.includes(name) ? null : `nothing reads ${name}`;
  },
  function name(text, { text: code }) {
    const isName = /^(pollux_[a-z_]+|[a-z]+(?:[A-Z][a-z]+)+)$/.test(text);
    return !isName || new RegExp(`\\b${text}\\b`).test(code) ? null : `the code has no ${text}`;
  },
];

/** Folders that commands create. */
const madeByRunning = ['node_modules', 'data', 'bench/results', 'dist'];

/** True when a document's path matches one of the contract; `…` stands for any beginning. */
function agrees(served: string, wanted: string): boolean {
  return wanted.startsWith('…') ? served.endsWith(wanted.slice(1)) : served === wanted;
}

/** The faults of a code span or a line of a code block. */
export function unknownIn(text: string, code: Code): string[] {
  return checks.map((check) => check(text, code)).filter((fault) => fault !== null);
}
