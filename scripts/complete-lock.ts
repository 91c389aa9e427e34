/**
 * Completes package-lock.json after `npm install` through a registry that lacks the binaries of other platforms: npm
 * leaves those out of the lock without a word, and `npm ci` then refuses it everywhere. Run by `npm run lock`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { missingBinaries, type Lock } from './lock.ts';

const file = 'package-lock.json';
const lock = JSON.parse(readFileSync(file, 'utf8')) as Lock;
const missing = missingBinaries(lock);
const packages = Object.entries({ ...lock.packages, ...missing }).toSorted(([a], [b]) => a.localeCompare(b, 'en'));
writeFileSync(file, `${JSON.stringify({ ...lock, packages: Object.fromEntries(packages) }, null, 2)}\n`);
process.stdout.write(`${file}: ${Object.keys(missing).length} binaries of other platforms added\n`);
