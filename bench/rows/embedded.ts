/** Rooms, send and answer in embedded mode, against the same process with PostgreSQL and Redis. */
import type { Chatroom } from '../../contract/chatrooms.ts';
import { signIn } from '../../test/client.ts';
import type { Bed, Server } from '../bed.ts';
import { thousands, type Line } from '../line.ts';
import type { LiveReport, LiveTask } from '../load/live.ts';
import { ratios, spreadOf, takeTurns } from '../measure.ts';
import type { Person } from '../people.ts';
import { bearer, compareRates, rateLine, rawRequest } from '../rates.ts';

const peopleOfHouse = 10;
const roomsEach = 10;
/** No answer is generated while sends are measured: the only slot waits for a slow vendor. */
const sendOnly = { WORKER_CONCURRENCY: '1' };
const never = 'Will this be answered? [[first:600000]]';
const quickly = 'What comes after this? [[chunks:50]]';

interface House {
  readonly server: Server;
  readonly people: readonly Person[];
}

export async function embedded(bed: Bed): Promise<Line[]> {
  return [...(await compareRequests(bed)), await compareAnswers(bed)];
}

async function compareRequests(bed: Bed): Promise<Line[]> {
  await using alone = await bed.product('all', { ...bed.embeddedPlace('embedded'), ...sendOnly });
  await using served = await bed.product('all', { ...(await bed.place('embedded')), ...sendOnly });
  const houses = { ours: await settle(bed, alone), bare: await settle(bed, served) };
  const loads = (write: (person: Person) => string) => ({
    ours: { server: houses.ours.server, requests: houses.ours.people.map(write) },
    bare: { server: houses.bare.server, requests: houses.bare.people.map(write) },
  });
  const rooms = await compareRates(
    bed,
    loads(({ token }) => rawRequest('GET', '/chatroom', bearer(token))),
  );
  const send = await compareRates(
    bed,
    loads(({ token, roomId }) => rawRequest('POST', `/chatroom/${roomId}/message`, bearer(token), { content: never })),
  );
  return [
    rateLine('embedded rooms, against PostgreSQL and Redis', rooms.ours, rooms.bare, { least: null }),
    rateLine('embedded send, against PostgreSQL and Redis', send.ours, send.bare, { least: null }),
  ];
}

async function compareAnswers(bed: Bed): Promise<Line> {
  await using alone = await bed.product('all', bed.embeddedPlace('embedded'));
  await using served = await bed.product('all', await bed.place('embedded'));
  const measure = async ({ server, people }: House) => {
    const task: LiveTask = {
      urls: [server.url],
      people,
      asking: people.length,
      thinkMs: 0,
      spreadMs: 0,
      question: quickly,
      warmUpSeconds: bed.scale.seconds / 4,
      seconds: bed.scale.seconds,
    };
    return ((await bed.load('live', task)) as LiveReport).rate;
  };
  const [ours, bare] = [await settle(bed, alone), await settle(bed, served)];
  await measure(ours);
  await measure(bare);
  const rates = await takeTurns(bed.scale.rounds, { ours: () => measure(ours), bare: () => measure(bare) });
  return {
    name: 'embedded answer, against PostgreSQL and Redis',
    ours: `${thousands(spreadOf(rates.ours).median)}/s`,
    bare: `${thousands(spreadOf(rates.bare).median)}/s`,
    ratio: ratios(rates.ours, rates.bare),
    goal: '',
    met: null,
    note: 'Question to whole answer on the live feed, 50 chunks without a pause, one process for everything.',
  };
}

/** Signs users in over HTTP, since only the product can open the embedded database. */
async function settle(bed: Bed, server: Server): Promise<House> {
  const settled: Person[] = [];
  for (let n = 0; n < peopleOfHouse * bed.scale.size; n += 1) {
    const client = await signIn(server.url);
    for (let room = 0; room < roomsEach; room += 1) await client.room(`Room ${room}`);
    const rooms = (await client.call('GET', '/chatroom')).body as Chatroom[];
    settled.push({ userId: 0, roomId: rooms[0]!.id, token: client.tokens.access_token });
  }
  return { server, people: settled };
}
