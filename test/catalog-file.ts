/** A catalog file for tests, deleted when their process exits. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { goodCatalog } from './start/bad-catalogs.ts';

/** Writes a catalog and returns its path: three plans, Free, Plus and Max, and the models `fast` and, in paid plans, `deep`. */
export function catalogFile(catalog: unknown = goodCatalog): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'pollux-catalog-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const file = path.join(folder, 'catalog.json');
  writeFileSync(file, JSON.stringify(catalog));
  return file;
}
