/** Writes the import graph into docs/architecture.md: `npm run write:architecture`. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { diagram } from '../test/architecture/import-graph.ts';
import { readSources } from '../test/architecture/sources.ts';

const root = path.resolve(import.meta.dirname, '..');
const file = path.join(root, 'docs/architecture.md');
const [head, rest] = readFileSync(file, 'utf8').split('<!-- import graph -->');
const tail = rest?.split('<!-- /import graph -->')[1];
if (tail === undefined) throw new Error('docs/architecture.md has no markers for the import graph');
writeFileSync(file, `${head}<!-- import graph -->\n${diagram(readSources(root))}\n<!-- /import graph -->${tail}`);
