/** One answer to 1,000 live connections of one user, against a bare server that writes the same frames: streams, then sockets. */
import type { Bed, Server } from '../bed.ts';
import { thousands, type Line } from '../line.ts';
import type { FanOutReport, FanOutTask } from '../load/fan-out.ts';
import { ratios, spreadOf, takeTurns } from '../measure.ts';
import { addPeople } from '../people.ts';
import { bearer } from '../rates.ts';
import { transports, type Transport } from '../transports.ts';

const connections = 1000;
const least = 0.5;

export async function fanOut(bed: Bed): Promise<Line[]> {
  const lines: Line[] = [];
  for (const transport of transports) lines.push(await fanOutOver(bed, transport));
  return lines;
}

async function fanOutOver(bed: Bed, transport: Transport): Promise<Line> {
  const place = await bed.place('fan_out');
  await using product = await bed.product('api', place);
  await using bare = await bed.bare(transport.bare);
  const [person] = await addPeople(place.DATABASE_URL!, 1);
  const feed = { port: Number(new URL(bed.redisUrl).port), prefix: place.REDIS_PREFIX!, userId: person!.userId };
  const count = connections * bed.scale.size;
  const measure = async (server: Server, headers: Record<string, string>, feed: FanOutTask['feed']) => {
    const task: FanOutTask = {
      port: Number(new URL(server.url).port),
      requests: Array.from({ length: count }, () => transport.request(headers)),
      hello: transport.hello,
      seconds: bed.scale.seconds,
      feed,
    };
    return ((await bed.load('fan-out', task)) as FanOutReport).rate;
  };
  const turns = {
    ours: () => measure(product, bearer(person!.token), feed),
    bare: () => measure(bare, {}, null),
  };
  await turns.ours();
  await turns.bare();
  const rates = await takeTurns(bed.scale.rounds, turns);
  const ratio = ratios(rates.ours, rates.bare);
  return {
    name: `fan-out to ${thousands(count)} ${transport.connection}s`,
    ours: `${thousands(spreadOf(rates.ours).median)} frames/s`,
    bare: `${thousands(spreadOf(rates.bare).median)} frames/s`,
    ratio,
    goal: `≥ ${least.toFixed(2)}`,
    met: ratio.median >= least,
    note: 'An answer of 50 deltas at a time, the next when the last delta has arrived everywhere.',
  };
}
