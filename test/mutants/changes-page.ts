/** docs/mutants.md: which test detects which deliberate change. */
import type { Change } from './change.ts';

export function changesPage(changes: readonly Change[]): string {
  const rows = changes.map(({ breaks, file, test, named }) => `| ${breaks} | \`${file}\` | \`${test}\`: ${named} |`);
  return `# Deliberate changes

Each row is a small change that breaks the product, and a test that fails with it. \`test/mutants/deliberate/\` has the
text to find and its replacement; \`npm run test:mutants -- --deliberate\` makes the changes one at a time in a temporary
copy and checks that the test fails. Written by \`npm run test:mutants -- --write\`; do not edit. The mutation scores of
StrykerJS are in [reliability.md](reliability.md).

| defect | file | detected by |
| --- | --- | --- |
${rows.map((row) => row.replaceAll('\n', ' ')).join('\n')}
`;
}
