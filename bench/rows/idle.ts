/** Memory of 10,000 open live connections of as many users, against raw `http` with the same connections. */
import type { Bed, Server } from '../bed.ts';
import { thousands, type Line } from '../line.ts';
import type { IdleReport, IdleTask } from '../load/idle.ts';
import { ratios, spreadOf, takeTurns } from '../measure.ts';
import { addPeople } from '../people.ts';
import { bearer, rawRequest } from '../rates.ts';

const connections = 10_000;
const most = 2;

export async function idle(bed: Bed): Promise<Line[]> {
  const count = connections * bed.scale.size;
  const place = await bed.place('idle');
  const processMb: number[] = [];
  // Runs the migrations, so that users can be added.
  await (await bed.product('api', place)).child.stop();
  const people = await addPeople(place.DATABASE_URL!, count);
  const headers = {
    ours: people.map(({ token }) => rawRequest('GET', '/events', bearer(token))),
    bare: people.map(() => rawRequest('GET', '/events', {})),
  };

  /** A new process each round, since memory is not returned to the system. */
  async function measure(start: () => Promise<Server>, requests: readonly string[]): Promise<IdleReport> {
    await using server = await start();
    const task: IdleTask = { port: Number(new URL(server.url).port), pid: server.child.pid, requests };
    return (await bed.load('idle', task)) as IdleReport;
  }
  const turns = await takeTurns(bed.scale.rounds, {
    async ours() {
      const report = await measure(() => bed.product('api', place), headers.ours);
      processMb.push(report.beforeKb / 1024);
      return perConnectionKb(report, count);
    },
    bare: async () => perConnectionKb(await measure(() => bed.bare('streams'), headers.bare), count),
  });
  const ratio = ratios(turns.ours, turns.bare);
  return [
    {
      name: `idle, memory a connection of ${thousands(count)}`,
      ours: `${spreadOf(turns.ours).median.toFixed(1)} KB`,
      bare: `${spreadOf(turns.bare).median.toFixed(1)} KB`,
      ratio,
      goal: `≤ ${most}`,
      met: ratio.median <= most,
      note: `An API process holds ${spreadOf(processMb).median.toFixed(0)} MB before the first connection.`,
    },
  ];
}

function perConnectionKb({ beforeKb, afterKb }: IdleReport, count: number): number {
  return (afterKb - beforeKb) / count;
}
