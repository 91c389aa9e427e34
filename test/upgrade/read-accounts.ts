/** What the accounts of the stored database read over HTTP, which a new version has to preserve. */
import type { FailureCode } from '../../contract/messages.ts';
import { signIn, type Client } from '../client.ts';

/** North American numbers reserved for fiction. */
export const numbers = { pro: '+12025550101', basic: '+12025550102', unverified: '+12025550103' };

export interface AccountReading {
  readonly me: object;
  readonly plan: object;
  readonly rooms: readonly RoomReading[];
}

export interface RoomReading {
  readonly room: { readonly id: number; readonly name: string };
  /** The messages as a simple client polls them. */
  readonly finished: readonly MessageReading[];
  /** The messages with pending replies, page by page. */
  readonly all: readonly MessageReading[];
}

export interface MessageReading {
  readonly id: number;
  readonly content: string;
  readonly is_from_user: boolean;
  readonly status: string;
  readonly in_reply_to: number | null;
  readonly code: FailureCode | null;
}

export async function readAccounts(url: string): Promise<Record<'pro' | 'basic', AccountReading>> {
  return { pro: await readAccount(url, numbers.pro), basic: await readAccount(url, numbers.basic) };
}

async function readAccount(url: string, number: string): Promise<AccountReading> {
  const client = await signIn(url, { number });
  const me = await client.call('GET', '/user/me');
  const plan = await client.call('GET', '/subscribe/status');
  const list = await client.call('GET', '/chatroom');
  const rooms: RoomReading[] = [];
  for (const room of list.body) rooms.push(await readRoom(client, room));
  return { me: me.body, plan: plan.body, rooms };
}

async function readRoom(client: Client, room: RoomReading['room']): Promise<RoomReading> {
  const path = `/chatroom/${room.id}/messages`;
  const finished = await client.call('GET', path);
  const all: MessageReading[] = [];
  for (let older = ''; ;) {
    const page = await client.call('GET', `${path}?include=pending&limit=7${older}`);
    all.unshift(...page.body);
    if (!page.headers.get('link')?.includes('rel="prev"')) break;
    older = `&before=${all[0]!.id}`;
  }
  for (const message of all) {
    const one = await client.call('GET', `${path}/${message.id}`);
    if (JSON.stringify(one.body) !== JSON.stringify(message))
      throw new Error(`message ${message.id} differs between two reads`);
  }
  return { room, finished: finished.body, all };
}
