/** The parts for an operator's command, which may run beside other processes on PostgreSQL. */
import type { Logger } from 'pino';
import { openLinks } from './adapters/links.ts';
import { securityLog } from './accounts/security-log.ts';
import type { AdminDeps } from './admin/command.ts';
import { examine } from './admin/doctor/examine.ts';
import {
  openBackups,
  openCopyTo,
  openDatabaseAlone,
  openKeys,
  openModels,
  openPayments,
  openStorage,
} from './compose.ts';
import { plansOf } from './config/catalog.ts';
import type { Config } from './config/config.ts';
import { openJobs } from './jobs/open.ts';
import { readCatalogInForce } from './plans/agree-on-catalog.ts';

/** Closed when disposed. Throws `FolderInUse` beside a server on an embedded database. */
export async function composeAdmin(config: Config, log: Logger): Promise<AdminDeps & AsyncDisposable> {
  await using opened = new AsyncDisposableStack();
  const links = await openLinks(config.redis, log, opened);
  const db = opened.use(await openDatabaseAlone(config, log));
  const feed = opened.use(await links.feed());
  const jobs = openJobs({ db, wakeUps: opened.use(await links.wakeUps()), log }, false);
  const isFollowed = config.database.kind === 'postgres';
  const catalog = isFollowed ? await readCatalogInForce(db, config) : config.catalog;
  const payments = await openPayments(config, catalog);
  const keys = await openKeys(config);
  const security = securityLog(log, keys);
  const openCopy = (url: string) => openCopyTo(config, url, log);
  const own = {
    ...config,
    db,
    jobs,
    feed,
    payments,
    log,
    keys,
    security,
    openCopy,
    isFollowed,
    plans: plansOf(catalog),
  };
  const storage = opened.use(await openStorage(config));
  const backups = await openBackups(config, storage, log);
  const examined = {
    ...own,
    config: { ...config, catalog },
    storage,
    readRedis: links.readRedis,
    openModels: () => openModels(config, catalog, log),
    isServer: false,
  };
  const resources = opened.move();
  return { ...own, backups, examine: () => examine(examined), [Symbol.asyncDispose]: () => resources.disposeAsync() };
}
