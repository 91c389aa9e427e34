/** The users that the fuzzer acts as, the objects of each, and the secret words that must not reach other users. */
import { randomBytes } from 'node:crypto';
import { clientOf, freshNumber, request, type Client } from '../../client.ts';
import { sqlOf } from '../../sql.ts';
import { readDocument, type ApiDocument } from '../document.ts';
import type { WholeProduct } from '../whole-product.ts';

export const people = ['basic', 'pro', 'stranger'] as const;
export type Person = (typeof people)[number];
export const kinds = ['chatroom_id', 'message_id', 'reply_id', 'session_id', 'share_id', 'ticket'] as const;
export type Kind = (typeof kinds)[number];

export interface Actor {
  readonly name: Person;
  /** A word contained in everything that only this user may read. */
  readonly canary: string;
  client: Client;
  /** Ids of what they created, newest last; some may be deleted. A message or reply has its room's id. */
  readonly things: Readonly<Record<Kind, string[]>>;
}

export interface Stage {
  readonly product: WholeProduct;
  readonly api: ApiDocument;
  readonly actors: Readonly<Record<Person, Actor>>;
}

/** Signs three users in, one of them Pro, and creates private objects for each. */
export async function setStage(product: WholeProduct): Promise<Stage> {
  const api = await readDocument(product.url);
  const [basic, pro, stranger] = await Promise.all(people.map((name) => createActor(product.url, name)));
  const sql = sqlOf(product.running);
  await sql(`update users set tier = 'Pro' where mobile_number = $1`, [pro!.client.number]);
  return { product, api, actors: { basic: basic!, pro: pro!, stranger: stranger! } };
}

async function createActor(url: string, name: Person): Promise<Actor> {
  const canary = `canary${name}${randomBytes(6).toString('hex')}`;
  const client = await signInAs(url, freshNumber(), canary);
  const roomId = await client.room(`Room ${canary}`);
  const { body: asked } = await client.ask(roomId, `Tell nobody: ${canary}`);
  await client.waitForReply(roomId);
  const { body: share } = await client.call('POST', `/chatroom/${roomId}/shares`);
  const { body: sessions } = await client.call('GET', '/user/sessions');
  const things = {
    chatroom_id: [String(roomId)],
    message_id: [`${roomId}/${asked.id}`],
    reply_id: [`${roomId}/${asked.reply.id}`],
    session_id: [sessions[0].id as string],
    share_id: [`${roomId}/${share.id}`],
    ticket: [],
  };
  return { name, canary, client, things };
}

/** Signs in from a device named after the canary. */
async function signInAs(url: string, number: string, canary: string): Promise<Client> {
  const headers = { 'user-agent': canary };
  await request('POST', `${url}/auth/signup`, { body: { mobile_number: number } });
  const sent = await request('POST', `${url}/auth/send-otp`, { body: { mobile_number: number } });
  const body = { mobile_number: number, otp: sent.body.otp };
  const verified = await request('POST', `${url}/auth/verify-otp`, { body, headers });
  if (verified.status !== 200) throw new Error(`sign-in failed: ${JSON.stringify([sent.body, verified.body])}`);
  return clientOf(url, number, verified.body);
}

/** Signs in again those whose session a request ended. */
export async function revive({ product, actors }: Stage): Promise<void> {
  for (const actor of Object.values(actors)) {
    const { status } = await actor.client.call('GET', '/user/me');
    if (status === 401) actor.client = await signInAs(product.url, actor.client.number, actor.canary);
  }
}

/** The secret words of this actor, which must not appear in answers to others. */
export function secretsOf({ canary, client }: Actor): string[] {
  const { number, tokens } = client;
  return [canary, number.slice(1), tokens.access_token, tokens.refresh_token];
}
