/** docs/mutants.md: which test notices which deliberate change. */
import type { Change } from './change.ts';

export function changesPage(changes: readonly Change[]): string {
  const rows = changes.map(({ breaks, file, test, named }) => `| ${breaks} | \`${file}\` | \`${test}\`: ${named} |`);
  return `# Deliberate changes

Each row is a small change that breaks the product, and the test that fails when it is made. \`test/mutants/deliberate/\`
has them as text to find and text to put in its place; \`npm run test:mutants -- --deliberate\` makes them one at a time
in a temporary copy and expects red. Written by \`npm run test:mutants -- --write\`; do not edit. What StrykerJS finds
beyond these stands in [reliability.md](reliability.md).

| what is broken | in | noticed by |
| --- | --- | --- |
${rows.map((row) => row.replaceAll('\n', ' ')).join('\n')}
`;
}
