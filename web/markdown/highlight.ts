/** Syntax highlighting: the library and each language are loaded on demand; tokens become class names. */
import type { HLJSApi, LanguageFn } from 'highlight.js';

/** A run of code and its kind, such as `keyword`; null if it is not highlighted. */
export interface Run {
  readonly text: string;
  readonly scope: string | null;
}

/** Longer code is not highlighted, so that the page stays responsive. */
const longest = 50_000;

const languages: Readonly<Record<string, () => Promise<{ default: LanguageFn }>>> = {
  bash: () => import('highlight.js/lib/languages/bash'),
  c: () => import('highlight.js/lib/languages/c'),
  cpp: () => import('highlight.js/lib/languages/cpp'),
  csharp: () => import('highlight.js/lib/languages/csharp'),
  css: () => import('highlight.js/lib/languages/css'),
  diff: () => import('highlight.js/lib/languages/diff'),
  dockerfile: () => import('highlight.js/lib/languages/dockerfile'),
  go: () => import('highlight.js/lib/languages/go'),
  graphql: () => import('highlight.js/lib/languages/graphql'),
  ini: () => import('highlight.js/lib/languages/ini'),
  java: () => import('highlight.js/lib/languages/java'),
  javascript: () => import('highlight.js/lib/languages/javascript'),
  json: () => import('highlight.js/lib/languages/json'),
  kotlin: () => import('highlight.js/lib/languages/kotlin'),
  lua: () => import('highlight.js/lib/languages/lua'),
  markdown: () => import('highlight.js/lib/languages/markdown'),
  php: () => import('highlight.js/lib/languages/php'),
  python: () => import('highlight.js/lib/languages/python'),
  r: () => import('highlight.js/lib/languages/r'),
  ruby: () => import('highlight.js/lib/languages/ruby'),
  rust: () => import('highlight.js/lib/languages/rust'),
  scss: () => import('highlight.js/lib/languages/scss'),
  sql: () => import('highlight.js/lib/languages/sql'),
  swift: () => import('highlight.js/lib/languages/swift'),
  typescript: () => import('highlight.js/lib/languages/typescript'),
  xml: () => import('highlight.js/lib/languages/xml'),
  yaml: () => import('highlight.js/lib/languages/yaml'),
};

const aliases: Readonly<Record<string, string>> = {
  'c++': 'cpp',
  cs: 'csharp',
  docker: 'dockerfile',
  golang: 'go',
  html: 'xml',
  js: 'javascript',
  jsx: 'javascript',
  kt: 'kotlin',
  md: 'markdown',
  mjs: 'javascript',
  patch: 'diff',
  py: 'python',
  rb: 'ruby',
  rs: 'rust',
  sh: 'bash',
  shell: 'bash',
  svg: 'xml',
  toml: 'ini',
  ts: 'typescript',
  tsx: 'typescript',
  vue: 'xml',
  yml: 'yaml',
  zsh: 'bash',
};

/** Splits code into runs. */
export type Colour = (code: string) => Run[];

let library: Promise<HLJSApi> | null = null;
const registered = new Map<string, Promise<Colour>>();

/** Loads a language; null if it is unknown. */
export function prepare(name: string): Promise<Colour> | null {
  const wanted = name.toLowerCase();
  const language = Object.hasOwn(languages, wanted) ? wanted : aliases[wanted];
  if (language === undefined) return null;
  const known = registered.get(language);
  if (known) return known;
  const ready = register(language);
  registered.set(language, ready);
  return ready;
}

async function register(language: string): Promise<Colour> {
  library ??= import('highlight.js/lib/core').then(({ default: hljs }) => {
    hljs.configure({ __emitter: RunEmitter });
    return hljs;
  });
  const [hljs, { default: definition }] = await Promise.all([library, languages[language]!()]);
  hljs.registerLanguage(language, definition);
  return (code) => {
    if (code.length > longest) return [{ text: code, scope: null }];
    const { _emitter } = hljs.highlight(code, { language, ignoreIllegals: true });
    return (_emitter as unknown as RunEmitter).runs;
  };
}

/** Collects runs instead of an HTML string. */
class RunEmitter {
  readonly runs: Run[] = [];
  #scopes: string[] = [];

  addText(text: string): void {
    if (text !== '')
      this.runs.push({ text, scope: this.#scopes.findLast((scope) => !scope.startsWith('language:')) ?? null });
  }

  startScope(name: string): void {
    this.#scopes.push(name);
  }

  endScope(): void {
    this.#scopes.pop();
  }

  openNode(name: string): void {
    this.startScope(name);
  }

  closeNode(): void {
    this.endScope();
  }

  __addSublanguage(other: RunEmitter): void {
    this.runs.push(...other.runs);
  }

  finalize(): void {}

  toHTML(): string {
    return '';
  }
}
