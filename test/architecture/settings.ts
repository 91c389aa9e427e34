/** Reads the settings documented in README.md and .env.example. */

export interface Documented {
  readonly name: string;
  readonly fallback: string;
  readonly about: string;
}

/** The rows of the table between `<!-- settings -->` and `<!-- /settings -->`. */
export function settingsInReadme(markdown: string): Documented[] {
  const table = /<!-- settings -->([\s\S]*?)<!-- \/settings -->/.exec(markdown)?.[1] ?? '';
  return [...table.matchAll(/^\| `(\w+)` \| (?:`(.*?)`)? *\| (.*) \|$/gm)].map(
    ([, name = '', fallback = '', about = '']) => ({ name, fallback, about }),
  );
}

/** Every `# NAME=value` line, with the comment above it. */
export function settingsInExample(text: string): Documented[] {
  return [...text.matchAll(/^# (.*)\n#(\w+)=(.*)$/gm)].map(([, about = '', name = '', fallback = '']) => ({
    name,
    fallback,
    about,
  }));
}
