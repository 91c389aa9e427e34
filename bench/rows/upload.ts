/** `POST /uploads` of a file of 4 MB into a folder, across 8 Pro users, against Fastify that streams the same form to a file. */
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Bed } from '../bed.ts';
import type { Line } from '../line.ts';
import { addPeople } from '../people.ts';
import { withClient } from '../postgres.ts';
import { bearer, compareRates, rateLine, rateOf, rawForm } from '../rates.ts';
import { spreadOf } from '../measure.ts';

const people = 8;
const connections = 4;
const fileMegabytes = 4;
/** Read by a job later, which no process here runs. */
const file = { name: 'paper.pdf', content: `%PDF-1.7\n${'Spring. '.repeat((fileMegabytes * 1_000_000) / 8)}` };

export async function upload(bed: Bed): Promise<Line[]> {
  const folder = bed.embeddedPlace('upload').DATA_DIR!;
  const place: Record<string, string> = { ...(await bed.place('upload')), DATA_DIR: folder };
  const directory = path.join(folder, 'bare');
  await using product = await bed.product('api', place);
  await using bare = await bed.bare('upload', { DIRECTORY: directory });
  const senders = await addPeople(place.DATABASE_URL!, people);
  /** Every turn begins without files, so that no account is full. */
  async function before(): Promise<void> {
    await withClient(place.DATABASE_URL!, (client) => client.query('truncate files cascade'));
    await rm(path.join(folder, 'files'), { recursive: true, force: true });
    await rm(directory, { recursive: true, force: true });
    await mkdir(directory, { recursive: true });
  }
  // Each file takes a while.
  const turn = { connections, seconds: bed.scale.answerSeconds, before };
  const rates = await compareRates(bed, {
    ours: {
      server: product,
      requests: senders.map(({ token }) => rawForm('/uploads', bearer(token), file)),
      ...turn,
    },
    bare: { server: bare, requests: [rawForm('/uploads', {}, file)], ...turn },
  });
  const megabytes = Math.round(spreadOf(rates.ours.map(rateOf)).median * fileMegabytes);
  const note = `Files of ${fileMegabytes} MB, ${connections} at a time: ${megabytes} MB/s. Both sides flush each file to the disk.`;
  return [rateLine('upload', rates.ours, rates.bare, { least: 0.7, note })];
}
