/** Frames of a socket: random conversations, most of which break a rule, end with the documented close and do no other harm. */
import { openFeedSocket } from '../../events/feed-socket.ts';
import { converse, isExpectedClose, randomTalk } from '../../events/random-frames.ts';
import { randomFrom, seed } from '../../random.ts';
import { signInUsers, type Person } from '../crowd.ts';
import { exchange } from '../exchange.ts';
import { lessThan, type Scenario } from '../scenario.ts';

const talkers = 8;
const mebibyte = 1024 * 1024;
const growthLimitMebibytes = 64;

export const socketFrames: Scenario = {
  name: 'socket-frames',
  promise: 'Frames that break a rule close their socket with the documented code, and harm nothing else',
  async run(stage, counts) {
    const atLeast = counts(10_000, 1000, 300);
    const api = await stage.start('api', { LOG_LEVEL: 'warn' });
    const { pid } = api;
    const [person] = (await signInUsers(api.url, 1, 0)) as [Person];
    await using witness = await openFeedSocket(person.client, { url: api.url });
    const warm = await talk(api.url, person.token, seed, atLeast / 10);
    const before = api.residentBytes();
    const found = await Promise.all(
      Array.from({ length: talkers }, (_, n) => talk(api.url, person.token, seed + 1 + n, atLeast / talkers)),
    );
    const grownMebibytes = (api.residentBytes() - before) / mebibyte;
    await person.client.room('Last');
    await witness.next((event) => event.type === 'chatroom.created');
    const health = await exchange('GET', `${api.url}/health/live`);
    const all = [warm, ...found];
    const frames = all.reduce((sum, one) => sum + one.frames, 0);
    const talks = all.reduce((sum, one) => sum + one.talks, 0);
    return {
      faults: talks,
      operations: frames,
      lost: 0,
      doubled: 0,
      worstRecoverySeconds: null,
      broken: [
        ...all.flatMap(({ wrong }) => wrong),
        ...(api.pid !== pid || health?.status !== 200 ? ['the process does not live'] : []),
        ...(/"level":(50|60)/.test(api.output()) ? ['the process logged an error'] : []),
        ...(grownMebibytes > growthLimitMebibytes ? [`memory grew by ${Math.round(grownMebibytes)} MiB`] : []),
      ],
      note: `faults are connections, operations their frames; memory grew by ${Math.round(grownMebibytes)} MiB`,
      shorter: lessThan(10_000, frames, 'frames'),
    };
  },
};

/** Has one conversation after another until they had this many frames. */
async function talk(url: string, token: string, seed: number, atLeast: number) {
  const random = randomFrom(seed);
  const wrong: string[] = [];
  let frames = 0;
  let talks = 0;
  for (; frames < atLeast; talks++) {
    const next = randomTalk(random);
    const code = await converse(url, token, next, random);
    if (!isExpectedClose(next, code)) wrong.push(`${next.what} was closed with ${code}`);
    frames += next.frames.length;
  }
  return { frames, talks, wrong };
}
