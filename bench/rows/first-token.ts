/** What Pollux adds to the vendor's time to first byte, with 500 users on the feed and 100 answers at a time. */
import type { Bed } from '../bed.ts';
import type { Line } from '../line.ts';
import type { LiveReport, LiveTask } from '../load/live.ts';
import type { VendorReport, VendorTask } from '../load/vendor.ts';
import { percentile, spreadOf, takeTurns, type Spread } from '../measure.ts';
import { addPeople } from '../people.ts';

const listening = 500;
const asking = 100;
const question = 'What comes after this? [[first:300]][[chunks:50]][[delay:40]]';
const thinkMs = 100;
/** An answer's 2.3 s and the thinking time, over which users start: not in bursts of a hundred. */
const tripMs = 2400;

export async function firstToken(bed: Bed): Promise<Line[]> {
  const place = await bed.place('first_token');
  await using api = await bed.product('api', place);
  await using worker = await bed.product('worker', place);
  const people = await addPeople(place.DATABASE_URL!, listening);
  const live: LiveTask = {
    urls: [api.url],
    people,
    asking: asking * bed.scale.size,
    thinkMs,
    spreadMs: tripMs,
    question,
    warmUpSeconds: tripMs / 1000,
    seconds: bed.scale.answerSeconds,
  };
  const vendor: VendorTask = {
    url: bed.geminiUrl,
    asking: asking * bed.scale.size,
    question,
    spreadMs: tripMs,
    seconds: bed.scale.answerSeconds / 2,
  };
  const turns = await takeTurns(bed.scale.rounds, {
    ours: async () => ((await bed.load('live', live)) as LiveReport).firstMs,
    bare: async () => ((await bed.load('vendor', vendor)) as VendorReport).firstMs,
  });
  const busy =
    ((api.child.cpuSeconds() + worker.child.cpuSeconds()) /
      (bed.scale.rounds * (bed.scale.answerSeconds + tripMs / 1000))) *
    100;
  const line = (share: number, name: string, mostMs: number): Line => {
    const ours = turns.ours.map((times) => percentile(times, share));
    const bare = turns.bare.map((times) => percentile(times, share));
    const added = spreadOf(ours.map((ms, index) => ms - bare[index]!));
    return {
      name: `first token, added ${name}`,
      ours: ms(spreadOf(ours)),
      bare: ms(spreadOf(bare)),
      ratio: added,
      goal: `≤ ${mostMs} ms`,
      met: added.median <= mostMs,
      note: '',
    };
  };
  return [
    {
      ...line(0.5, 'p50', 5),
      note: `The figure under ratio is the difference in ms. API and worker together used about ${busy.toFixed(0)} % of a core.`,
    },
    line(0.99, 'p99', 25),
  ];
}

function ms({ median }: Spread): string {
  return `${median.toFixed(1)} ms`;
}
