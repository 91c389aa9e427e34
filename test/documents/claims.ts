/** Names in documents that must exist: commands, files, settings, HTTP paths and identifiers in code spans and blocks. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';

export interface Claim {
  /** Its location, such as `README.md:12`. */
  readonly at: string;
  /** The code span, or one line of a code block. */
  readonly text: string;
}

export interface Document {
  readonly file: string;
  readonly text: string;
}

/** Every Markdown file of the repository except the changelog, which may name what was removed. */
export function readDocuments(root: string): Document[] {
  return globSync(['*.md', '{.github,contract,server,dev,web,docs,deploy,bench,test}/**/*.md'], { cwd: root })
    .filter((file) => file !== 'CHANGELOG.md' && !file.includes('node_modules'))
    .map((file) => ({ file, text: readFileSync(path.join(root, file), 'utf8') }));
}

/** The code spans and the lines of code blocks of a document. */
export function claimsOf({ file, text }: Document): Claim[] {
  let inBlock = false;
  return text.split('\n').flatMap((line, index) => {
    const at = `${file}:${index + 1}`;
    if (/^\s*```/.test(line)) {
      inBlock = !inBlock;
      return [];
    }
    if (inBlock) return [{ at, text: line.replace(/(^|\s)#.*$/, '').trim() }];
    return [...line.matchAll(/`([^`]+)`/g)].map(([, span = '']) => ({ at, text: span.trim() }));
  });
}

/** Relative links of a document whose file, or whose heading, does not exist. */
export function brokenLinks(root: string, { file, text }: Document): string[] {
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target) && !leadsSomewhere(root, file, target))
    .map((target) => `${file}: ${target}`);
}

function leadsSomewhere(root: string, file: string, target: string): boolean {
  const [name = '', anchor] = target.split('#');
  const found = name === '' ? path.join(root, file) : path.join(root, path.dirname(file), name);
  if (!existsSync(found)) return false;
  return anchor === undefined || anchorsOf(readFileSync(found, 'utf8')).includes(anchor);
}

/** Anchors of headings, made the way GitHub makes them. */
function anchorsOf(markdown: string): string[] {
  return [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}
