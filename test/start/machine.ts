/** Faults of the machine itself: folders, ports, addresses, the file `.env`, an old Node. */
import { chmodSync, chownSync, globSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { copyEmbeddedDatabase } from '../embedded-template.ts';
import type { Environment } from '../harness.ts';
import type { StartOptions } from './refused-start.ts';
import type { WrongSetting } from './wrong-settings.ts';

/** What a row is tested with. */
export interface Spot {
  /** An empty folder of this row. */
  readonly folder: string;
  /** A port that another program listens on. */
  readonly takenPort: number;
  /** A user without rights; null where this one is not root. */
  readonly nobody: number | null;
}

export interface WrongMachine extends WrongSetting {
  readonly environment: (spot: Spot) => Environment | Promise<Environment>;
  readonly options?: (spot: Spot) => StartOptions;
}

const inUse = (name: string) => `${name} … is in use by another program. Stop that, or set another ${name}.`;
const malformed = (line: number) =>
  `.env is malformed in line ${line}: every line must be NAME=value, a comment after #, or empty. Correct it.`;
const notWritable = 'DATA_DIR … cannot be written to by this user. Give the folder to it, or set another DATA_DIR.';

const asNobody = ({ nobody }: Spot): StartOptions => ({ uid: nobody ?? undefined });

function envFile(given: string, sentence: string, write: (file: string) => void): WrongMachine {
  return {
    setting: '.env',
    given,
    sentence,
    environment: ({ folder }) => {
      write(path.join(folder, '.env'));
      return {};
    },
    options: ({ folder }) => ({ cwd: folder }),
  };
}

/** Puts a database there, as after a first start, which takes less than making one. */
async function used(folder: string): Promise<string> {
  await copyEmbeddedDatabase(path.join(folder, 'pglite'));
  return folder;
}

const text = (content: string | Buffer) => (file: string) => writeFileSync(file, content);

export const wrongMachines: readonly WrongMachine[] = [
  {
    setting: 'DATA_DIR',
    given: 'a file',
    sentence: 'DATA_DIR … is a file, or lies below one. Set DATA_DIR to a folder.',
    environment: ({ folder }) => {
      writeFileSync(path.join(folder, 'file'), '');
      return { DATA_DIR: path.join(folder, 'file') };
    },
  },
  {
    setting: 'DATA_DIR',
    given: 'a folder below a file',
    sentence: 'DATA_DIR … is a file, or lies below one. Set DATA_DIR to a folder.',
    environment: ({ folder }) => {
      writeFileSync(path.join(folder, 'file'), '');
      return { DATA_DIR: path.join(folder, 'file', 'data') };
    },
  },
  {
    setting: 'DATA_DIR',
    given: 'a folder in a place where this user may not write',
    sentence: notWritable,
    environment: ({ folder }) => {
      chmodSync(folder, 0o555);
      return { DATA_DIR: path.join(folder, 'data') };
    },
    options: asNobody,
  },
  {
    setting: 'DATA_DIR',
    given: 'a database that is broken, or of another version',
    sentence:
      'The folder … in DATA_DIR holds no database that this version can open, or its disk is full. Free space, restore a backup, or set another DATA_DIR.',
    environment: ({ folder }) => {
      const database = path.join(folder, 'data', 'pglite');
      mkdirSync(database, { recursive: true, mode: 0o700 });
      writeFileSync(path.join(database, 'PG_VERSION'), '12\n');
      return { DATA_DIR: path.join(folder, 'data') };
    },
  },
  {
    setting: 'PORT',
    given: 'one that another program uses',
    sentence: inUse('PORT'),
    environment: async ({ folder, takenPort }) => ({ DATA_DIR: await used(folder), PORT: String(takenPort) }),
  },
  {
    setting: 'PORT',
    given: '80, by a user without rights',
    sentence: 'PORT 80 may not be used by this user. Set one of 1024 or more.',
    environment: async ({ folder, nobody }) => {
      chmodSync(folder, 0o755);
      const data = path.join(folder, 'data');
      mkdirSync(data, { mode: 0o700 });
      await used(data);
      const all = globSync('**/*', { cwd: data }).map((name) => path.join(data, name));
      if (nobody !== null) for (const one of [data, ...all]) chownSync(one, nobody, nobody);
      return { DATA_DIR: data, PORT: '80' };
    },
    options: asNobody,
  },
  {
    setting: 'HOST',
    given: 'an address of another machine',
    sentence: 'HOST 203.0.113.7 is no address of this machine. Set 127.0.0.1, 0.0.0.0 or one that it has.',
    environment: async ({ folder }) => ({ DATA_DIR: await used(folder), HOST: '203.0.113.7' }),
  },
  envFile('`PORT: 9000`', malformed(2), text('# ours\nPORT: 9000\n')),
  envFile('`set PORT=9000`', malformed(1), text('set PORT=9000\n')),
  envFile('a quotation mark that is never closed', malformed(1), text('SECRET_KEY="abc\nPORT=9000\n')),
  envFile(
    'a file in UTF-16',
    '.env is not UTF-8 text; PowerShell writes UTF-16 with >. Save it as UTF-8.',
    text(Buffer.from('\uFEFFPORT=9000\n', 'utf16le')),
  ),
  envFile(
    'a folder',
    '.env cannot be read (EISDIR). Make it a file that this user may read, or move it away.',
    (file) => mkdirSync(file),
  ),
];

/** What a Node that is too old prints for each entry point. */
export const oldNodes: readonly (WrongSetting & { readonly command: string })[] = [
  {
    setting: 'node',
    given: 'an old one, such as Node 20, running `server/main.ts`',
    sentence:
      'Pollux runs on Node 24; this is Node …. Use npm start, npm run start:api or npm run start:worker, which bring their own, or install Node 24.',
    command: 'server/main.ts',
  },
  {
    setting: 'node',
    given: 'an old one running `server/cli.ts`',
    sentence:
      'Pollux runs on Node 24; this is Node …. Use npm run admin -- COMMAND, which brings its own, or install Node 24.',
    command: 'server/cli.ts',
  },
];
