/** The command about the catalog. */
import { requestReload } from '../config/catalog-request.ts';
import type { CatalogFile } from '../config/parse-catalog.ts';
import { StartRefused } from '../config/start-refused.ts';
import { reloadCatalog } from '../plans/agree-on-catalog.ts';
import { refuseHeldPlans } from '../plans/held-plans.ts';
import type { Command } from './command.ts';

export const catalogCommands: Readonly<Record<string, Command>> = {
  'catalog reload': {
    usage: 'catalog reload',
    about: 'check the file that CATALOG names, and bring it into force in every process',
    operations: [],
    async run({ db, catalogFile, isFollowed }) {
      const file = given(catalogFile);
      if (!isFollowed) {
        await refuseHeldPlans(db, file.catalog);
        return ['The file is valid. No server runs; the next start takes it up.'];
      }
      return (await reloadCatalog(db, file)) ? [inForce(file)] : ['This catalog is in force already.'];
    },
    async besideServer({ dataDir, catalogFile }) {
      const file = given(catalogFile);
      await requestReload(dataDir, file.text);
      return [inForce(file)];
    },
  },
};

function given(file: CatalogFile | null): CatalogFile {
  if (file === null)
    throw new StartRefused('CATALOG is not set: the catalog is built in, and changes with the settings.');
  return file;
}

function inForce({ catalog: { models, plans } }: CatalogFile): string {
  const names = plans.map(({ id }) => id).join(', ');
  return `In force: ${models.length} model(s), and the plans ${names}. Every process takes it up within two seconds.`;
}
