/** Users who ask one question after another during faults, and record the answers. */
import { randomUUID } from 'node:crypto';
import { signIn, type Answer, type Client } from '../client.ts';
import { exchange, oddRefusal } from './exchange.ts';
import type { Ledger } from './ledger.ts';
import { anyOf, pause, randomPause } from './waiting.ts';

export interface Person {
  readonly client: Client;
  readonly token: string;
  readonly rooms: readonly number[];
}

/** Signs users in, each with several rooms, because a room answers one question at a time. */
export async function signInUsers(url: string, people: number, rooms: number): Promise<Person[]> {
  return Promise.all(
    Array.from({ length: people }, async () => {
      const client = await signIn(url);
      const made = await Promise.all(Array.from({ length: rooms }, () => client.room()));
      return { client, token: client.tokens.access_token, rooms: made };
    }),
  );
}

export interface Asking {
  readonly urls: readonly string[];
  readonly ledger: Ledger;
  /** The n-th question; a unique number is added to it. */
  readonly content: string;
  /** Longest pause between two questions of one user. */
  readonly maxPauseMs: number;
  /**
   * With an Idempotency-Key, an unanswered question is sent again and must be accepted exactly once.
   * Without, it is sent once and may have been accepted or not. `mixed` alternates.
   */
  readonly keys: 'always' | 'never' | 'mixed';
  /** Stops the users. */
  readonly signal: AbortSignal;
}

/** All users ask until the signal. Resolves when the last request is answered. */
export async function keepAsking(crowd: readonly Person[], asking: Asking): Promise<void> {
  await Promise.all(
    crowd.map(async (person) => {
      for (let turn = 0; !asking.signal.aborted; turn++) {
        const keyed = asking.keys === 'always' || (asking.keys === 'mixed' && turn % 2 === 0);
        await askOnce(person, asking, keyed);
        await randomPause(asking.maxPauseMs);
      }
    }),
  );
}

const giveUpAfterMs = 90_000;

/** Asks one question; with a key until it is accepted. */
export async function askOnce(person: Person, { urls, ledger, content }: Asking, keyed: boolean): Promise<void> {
  const text = `${ledger.next()}: ${content}`;
  const room = anyOf(person.rooms);
  const headers: Record<string, string> = keyed ? { 'idempotency-key': randomUUID() } : {};
  const giveUpAt = Date.now() + giveUpAfterMs;
  for (;;) {
    const answer = await post(person, anyOf(urls), room, text, headers);
    ledger.tried();
    if (answer?.status === 202) return ledger.accept(text, answer.body);
    if (answer === null) ledger.unanswered(text);
    else noteRefusal(ledger, answer, keyed);
    if (!keyed) {
      if (answer === null) await pause(50);
      return;
    }
    if (Date.now() > giveUpAt) return ledger.odd('a question with a key was not accepted in 90 s');
    await pause(50);
  }
}

function post(person: Person, url: string, room: number, content: string, headers: Record<string, string>) {
  const { token } = person;
  return exchange('POST', `${url}/chatroom/${room}/message`, { body: { content }, token, headers });
}

function noteRefusal(ledger: Ledger, answer: Answer, keyed: boolean): void {
  ledger.refused(answer.status);
  // The database may still be executing the first try with this key.
  if (keyed && answer.status === 409 && answer.body.code === 'request_in_flight') return;
  const odd = oddRefusal(answer);
  if (odd !== null) ledger.odd(odd);
}
