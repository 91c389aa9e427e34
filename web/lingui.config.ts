/** Location of the catalogs, for the build. */
import { readdirSync } from 'node:fs';
import path from 'node:path';

const folder = path.resolve(import.meta.dirname, '../contract/languages');

export default {
  sourceLocale: 'en',
  locales: readdirSync(folder).map((file) => path.basename(file, '.po')),
  catalogs: [{ path: '<rootDir>/../contract/languages/{locale}', include: ['<rootDir>'] }],
};
