/** Checks of the database, Redis, clocks, storage and disk. */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { fault, ok, warning, type Check, type Finding } from './finding.ts';
import { readDatabaseFacts } from './doctor-store.ts';

/** Tokens, leases and Stripe's signatures allow for less than this. */
const clockToleranceMs = 2000;
const megabyte = 1_000_000;
const disk = { fault: { bytes: 200 * megabyte, share: 0.02 }, warning: { bytes: 1000 * megabyte, share: 0.1 } };
/** Of the memory of Redis. */
const nearlyFull = 0.8;

export const machineChecks: readonly Check[] = [
  {
    subject: 'database',
    otherwise: 'Start the database of DATABASE_URL, and see that this machine reaches it.',
    async run({ db, now }) {
      const before = now();
      const { version, clockMs, migrations } = await readDatabaseFacts(db);
      const middle = (before + now()) / 2;
      const known = await countMigrations();
      return [
        ok('database', `PostgreSQL ${version} answers.`),
        migrations > known
          ? warning(
              'migrations',
              `${migrations - known} migrations are of a newer version.`,
              'Run the newest version that was ever started on this database.',
            )
          : ok('migrations', `All ${migrations} are applied.`),
        clock('clock of the database', clockMs - middle),
      ];
    },
  },
  {
    subject: 'Redis',
    otherwise: 'Start Redis at the address of REDIS_URL or REDIS_HOST; until then nobody can sign in.',
    async run({ readRedis, now }) {
      if (readRedis === null) return [];
      const before = now();
      const { version, evictionPolicy, usedBytes, limitBytes, clockMs } = await readRedis();
      const middle = (before + now()) / 2;
      const found: Finding[] = [ok('Redis', `Redis ${version} answers.`), clock('clock of Redis', clockMs - middle)];
      if (limitBytes !== null && evictionPolicy !== 'noeviction') {
        found.push(
          fault(
            'Redis',
            `It evicts keys when it is full (${evictionPolicy}), which loses limits and live events.`,
            'Set maxmemory-policy noeviction.',
          ),
        );
      }
      if (limitBytes !== null && usedBytes > nearlyFull * limitBytes) {
        found.push(
          warning(
            'Redis',
            `${Math.round((100 * usedBytes) / limitBytes)} % of its memory is used.`,
            'Raise maxmemory, before Redis refuses writes and nobody can sign in.',
          ),
        );
      }
      return found;
    },
  },
  {
    subject: 'storage of files',
    otherwise: 'See that the folder of DATA_DIR can be written to, or that STORAGE_URL and its credentials are right.',
    async run({ storage }) {
      const key = `doctor/${randomUUID()}`;
      const sent = Buffer.from(key);
      await storage.put(key, Readable.from([sent]), { maxBytes: sent.length });
      const stored = await storage.get(key);
      const bytes = stored === null ? null : await buffer(stored);
      await storage.delete(key);
      return [
        bytes?.equals(sent) === true
          ? ok('storage of files', 'A file was written, read and deleted.')
          : fault('storage of files', 'A file that was written could not be read.', 'Check the store of STORAGE_URL.'),
      ];
    },
  },
  {
    subject: 'disk',
    otherwise: 'See that the folder of DATA_DIR exists and can be read.',
    async run({ readDisk, config: { dataDir } }) {
      const { freeBytes, totalBytes } = await readDisk(dataDir);
      const below = ({ bytes, share }: { bytes: number; share: number }) =>
        freeBytes < bytes || freeBytes < share * totalBytes;
      const found = `${Math.round(freeBytes / megabyte)} MB are free where DATA_DIR is.`;
      const advice = 'Free space there, or move DATA_DIR to a larger disk.';
      if (below(disk.fault)) return [fault('disk', found, advice)];
      return [below(disk.warning) ? warning('disk', found, advice) : ok('disk', found)];
    },
  },
];

/** The migrations of this version. */
async function countMigrations(): Promise<number> {
  const journal = await readFile(new URL('../../migrations/meta/_journal.json', import.meta.url), 'utf8');
  return (JSON.parse(journal) as { entries: readonly unknown[] }).entries.length;
}

function clock(subject: string, aheadMs: number): Finding {
  const seconds = Math.abs(aheadMs / 1000).toFixed(1);
  const found = `It is ${seconds} s ${aheadMs < 0 ? 'behind' : 'ahead of'} this machine's.`;
  if (Math.abs(aheadMs) <= clockToleranceMs) return ok(subject, found);
  return fault(subject, found, 'Let both machines set their clocks over the network: timedatectl set-ntp true.');
}
