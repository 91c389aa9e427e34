/** Memory of 10,000 open live connections of as many users, against a bare server with the same connections: streams, then sockets. */
import type { Bed, Server } from '../bed.ts';
import { thousands, type Line } from '../line.ts';
import type { IdleReport, IdleTask } from '../load/idle.ts';
import { ratios, spreadOf, takeTurns } from '../measure.ts';
import { addPeople, type Person } from '../people.ts';
import { bearer } from '../rates.ts';
import { transports, type Transport } from '../transports.ts';

const connections = 10_000;
const most = 2;

export async function idle(bed: Bed): Promise<Line[]> {
  const place = await bed.place('idle');
  // Runs the migrations, so that users can be added.
  await (await bed.product('api', place)).child.stop();
  const people = await addPeople(place.DATABASE_URL!, connections * bed.scale.size);
  const lines: Line[] = [];
  for (const transport of transports) lines.push(await idleOver(bed, place, people, transport));
  return lines;
}

async function idleOver(
  bed: Bed,
  place: Record<string, string>,
  people: readonly Person[],
  transport: Transport,
): Promise<Line> {
  const processMb: number[] = [];

  /** A new process each round, since memory is not returned to the system. */
  async function measure(start: () => Promise<Server>, requests: readonly string[]): Promise<IdleReport> {
    await using server = await start();
    const port = Number(new URL(server.url).port);
    const task: IdleTask = { port, pid: server.child.pid, requests, hello: transport.hello };
    return (await bed.load('idle', task)) as IdleReport;
  }
  const requests = {
    ours: people.map(({ token }) => transport.request(bearer(token))),
    bare: people.map(() => transport.request({})),
  };
  const perConnectionKb = ({ beforeKb, afterKb }: IdleReport) => (afterKb - beforeKb) / people.length;
  const turns = await takeTurns(bed.scale.rounds, {
    async ours() {
      const report = await measure(() => bed.product('api', place), requests.ours);
      processMb.push(report.beforeKb / 1024);
      return perConnectionKb(report);
    },
    bare: async () => perConnectionKb(await measure(() => bed.bare(transport.bare), requests.bare)),
  });
  const ratio = ratios(turns.ours, turns.bare);
  return {
    name: `idle, memory a ${transport.connection} of ${thousands(people.length)}`,
    ours: `${spreadOf(turns.ours).median.toFixed(1)} KB`,
    bare: `${spreadOf(turns.bare).median.toFixed(1)} KB`,
    ratio,
    goal: `≤ ${most}`,
    met: ratio.median <= most,
    note: `An API process holds ${spreadOf(processMb).median.toFixed(0)} MB before the first connection.`,
  };
}
