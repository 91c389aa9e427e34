/** Writes the tables of docs/troubleshooting.md from the tested rows: `npm run write:troubleshooting`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { troubleshooting } from '../test/start/table.ts';

const file = fileURLToPath(new URL('../docs/troubleshooting.md', import.meta.url));
const [head = ''] = readFileSync(file, 'utf8').split('<!-- wrong settings -->');
writeFileSync(file, `${head}<!-- wrong settings -->\n${troubleshooting()}\n`);
