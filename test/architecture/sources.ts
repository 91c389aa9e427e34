/** The source files of the project and their imports, read from their text. */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';

export interface Import {
  /** The path from the root for a file of the project, the bare name for a package or a module of Node. */
  readonly target: string;
  readonly ours: boolean;
  readonly line: number;
}

export interface Source {
  /** The path from the root, with forward slashes. */
  readonly path: string;
  readonly text: string;
  readonly imports: readonly Import[];
}

const folders = '{bin,contract,server,scripts,bench,deploy,dev,test,web}/**/*.{ts,tsx,mjs}';

/** Every source file below `root`. */
export function readSources(root: string): Source[] {
  const files = [...globSync(folders, { cwd: root }), ...globSync('*.{ts,mjs}', { cwd: root })];
  return files
    .map((file) => file.replaceAll(path.sep, '/'))
    .filter((file) => !file.includes('node_modules/'))
    .toSorted()
    .map((file) => sourceOf(file, readFileSync(path.join(root, file), 'utf8')));
}

/**
 * Static imports, re-exports, `import()` and `typeof import()`, types included. The formatter keeps every
 * static one at the start of a line, which is why no parser is needed.
 */
const importing = /^(?:import|export)\b[^'";]*?\bfrom '([^']+)'|^import '([^']+)'|\bimport\(\s*'([^']+)'/gm;

export function sourceOf(file: string, text: string): Source {
  const imports = [...text.matchAll(importing)].map((match): Import => {
    const named = match[1] ?? match[2] ?? match[3]!;
    const ours = named.startsWith('.');
    const target = ours ? path.posix.join(path.posix.dirname(file), named) : named;
    return { target, ours, line: text.slice(0, match.index).split('\n').length };
  });
  return { path: file, text, imports };
}
