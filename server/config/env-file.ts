/** Loads `.env` from the working directory. Variables of the environment take precedence. */
import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { StartRefused } from './start-refused.ts';

/** Adds the variables of `.env`, if there is one, to the environment. Throws `StartRefused` for a line Node would skip. */
export function loadEnvFile(environment: NodeJS.ProcessEnv): void {
  const text = read();
  if (text === null) return;
  const line = malformedLine(text);
  if (line !== null) {
    throw new StartRefused(
      `.env is malformed in line ${line}: every line must be NAME=value, a comment after #, or empty. Correct it.`,
    );
  }
  for (const [name, value] of Object.entries(parseEnv(text))) environment[name] ??= value;
}

function read(): string | null {
  let bytes: Buffer;
  try {
    bytes = readFileSync('.env');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return null;
    throw new StartRefused(`.env cannot be read (${code}). Make it a file that this user may read, or move it away.`, {
      cause: error,
    });
  }
  try {
    // Decoding also removes a byte order mark, which would become part of the first name.
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    if (!text.includes('\0')) return text;
  } catch {
    // Reported below.
  }
  throw new StartRefused('.env is not UTF-8 text; PowerShell writes UTF-16 with >. Save it as UTF-8.');
}

const assignment = /^\s*(?:export\s+)?[\w.-]+\s*=\s*(.*)$/;

/** The number of the first line that Node would skip silently, or null. */
export function malformedLine(text: string): number | null {
  let openQuote: { mark: string; line: number } | null = null;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (openQuote !== null) {
      if (line.includes(openQuote.mark)) openQuote = null;
      continue;
    }
    if (/^\s*(#|$)/.test(line)) continue;
    const value = assignment.exec(line)?.[1];
    if (value === undefined) return index + 1;
    const mark = /^["'`]/.exec(value)?.[0];
    if (mark !== undefined && !value.includes(mark, 1)) openQuote = { mark, line: index + 1 };
  }
  return openQuote?.line ?? null;
}
