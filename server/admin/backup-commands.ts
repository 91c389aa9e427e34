/** The operator's commands for backups. */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { StartRefused } from '../config/start-refused.ts';
import { version } from '../config/version.ts';
import { backUp } from './backup.ts';
import type { Command } from './command.ts';
import { restore } from './restore.ts';

const inS3 = 'Uploaded files are in S3 and no part of it: version or replicate the bucket.';

export const backupCommands: Readonly<Record<string, Command>> = {
  backup: {
    usage: 'backup FILE',
    about: 'write all data and uploaded files to a file; on PostgreSQL servers may run meanwhile',
    operations: [],
    async run({ db, backups }, [name = '']) {
      const file = fileNamed(name, 'backup');
      const { folder, secret } = backups;
      const lines = await backUp({ db, folder, secret, version }, file);
      const { size } = await stat(file);
      return [
        ...lines,
        `${file} has ${size} byte(s), for your user alone: it holds numbers and messages in clear.`,
        ...(folder === null ? [inS3] : []),
        ...(secret === null ? ['SECRET_KEY is no part of it: keep it elsewhere.'] : []),
        'Redis holds nothing that needs a backup.',
      ];
    },
  },
  restore: {
    usage: 'restore FILE',
    about: 'restore a backup into an empty DATA_DIR or an empty PostgreSQL, without servers',
    operations: [],
    async run({ db, backups }, [name = '']) {
      const file = fileNamed(name, 'restore');
      const { folder, keepSecret } = backups;
      await using _alone = await backups.alone();
      const lines = await restore({ db, folder, keepSecret, version }, file);
      return [
        ...lines,
        'Counts and checksums equal those of the backup. Before the first start: see docs/deployment.md, "After a recovery".',
      ];
    },
  },
};

function fileNamed(name: string, command: string): string {
  if (name === '') throw new StartRefused(`${command} needs the name of a file.`);
  return path.resolve(name);
}
