/**
 * Readers of the live feed that keep every event as the bytes that came: over the stream, with npm's `ws`, and with the class
 * of browsers, in Node or in a page of Chromium.
 */
import { WebSocket as NpmSocket } from 'ws';
import { exchange } from '../faults/exchange.ts';
import { anyOf, type Random } from '../random.ts';
import type { ReceivedEvent } from '../client.ts';

/** An event as it was sent: its position, and its JSON without the position. */
export interface Told {
  readonly id: string;
  readonly data: string;
}

export interface Stay {
  /** Position to resume from. */
  readonly after: string;
  /** The reader leaves after this many events. */
  readonly events: number;
  /** It also leaves after an event that contains this text. */
  readonly last: string;
  /** True: it leaves without a close. */
  readonly cuts: boolean;
}

export interface Visit {
  readonly told: Told[];
  /** False if the process refused the connection because it stops or has stopped. */
  readonly admitted: boolean;
  /** The server's close code; null if the reader left first, and for streams. */
  readonly code: number | null;
}

/** One connection to a process, until the reader leaves or the server ends it. */
export type Reader = (url: string, stay: Stay) => Promise<Visit>;

const refused: Visit = { told: [], admitted: false, code: null };

/** Reads server-sent events. Throws when it is refused for another reason than a stop. */
export function streamReader(token: string): Reader {
  return async (url, { after, events, last }) => {
    const leaving = new AbortController();
    const told: Told[] = [];
    const headers = { authorization: `Bearer ${token}`, 'last-event-id': after };
    const response = await fetch(`${url}/events`, { headers, signal: leaving.signal }).catch(() => null);
    if (response === null || response.status === 503) return refused;
    if (response.status !== 200) throw new Error(`the stream was answered ${response.status}`);
    let rest = '';
    const decoder = new TextDecoder();
    try {
      for await (const chunk of response.body!) {
        const frames = (rest + decoder.decode(chunk, { stream: true })).split('\n\n');
        rest = frames.pop()!;
        for (const frame of frames) {
          if (told.length >= events) return { told, admitted: true, code: null };
          const event = /^id: (.*)\nevent: .*\ndata: (.*)$/.exec(frame);
          if (event) told.push({ id: event[1]!, data: event[2]! });
          if (event?.[2]!.includes(last)) return { told, admitted: true, code: null };
        }
      }
    } catch {
      throw new Error('a stream was cut');
    } finally {
      leaving.abort();
    }
    return { told, admitted: true, code: null };
  };
}

/** Reads with npm's `ws` and a bearer token. */
export function npmReader(token: string): Reader {
  return (url, stay) =>
    readSocket(
      new NpmSocket(`${url.replace('http', 'ws')}/ws`, { headers: { authorization: `Bearer ${token}` } }),
      stay,
    );
}

/** Reads with the class of browsers that Node has, and a ticket. */
export function classReader(token: string): Reader {
  return async (url, stay) => {
    const address = await addressWithTicket(url, token);
    return address === null ? refused : readSocket(new WebSocket(address), stay);
  };
}

/** Reads in a page, whose origin must be allowed. `run` evaluates an expression there. */
export function pageReader(token: string, run: (expression: string) => Promise<Visit>): Reader {
  return async (url, stay) => {
    const address = await addressWithTicket(url, token);
    if (address === null) return refused;
    return run(`(${readSocket.toString()})(new WebSocket(${JSON.stringify(address)}), ${JSON.stringify(stay)})`);
  };
}

async function addressWithTicket(url: string, token: string): Promise<string | null> {
  const answer = await exchange('POST', `${url}/events/ticket`, { token });
  if (answer === null || answer.status === 503) return null;
  if (answer.status !== 201) throw new Error(`a ticket was answered ${answer.status}`);
  return `${url.replace('http', 'ws')}/ws?ticket=${answer.body.ticket}`;
}

/** As browsers and `ws` have it. */
interface AnySocket {
  addEventListener(type: 'open' | 'message' | 'error' | 'close', listener: (event: any) => void): void;
  send(data: string): void;
  close(): void;
  /** Only `ws` has it. */
  terminate?(): void;
}

/** Its source also runs in a page, so it uses nothing of this file. */
function readSocket(socket: AnySocket, { after, events, last, cuts }: Stay): Promise<Visit> {
  return new Promise((resolve) => {
    const told: Told[] = [];
    let admitted = false;
    let left = false;
    function leave(): void {
      left = true;
      if (cuts && socket.terminate) socket.terminate();
      else socket.close();
    }
    socket.addEventListener('open', () => socket.send(JSON.stringify({ type: 'hello', resume_from: after })));
    socket.addEventListener('message', ({ data }: { data: string }) => {
      if (left) return;
      admitted = true;
      const head = /^\{"id":"([^"]*)",/.exec(data);
      if (head) told.push({ id: head[1]!, data: `{${data.slice(head[0].length)}` });
      if (told.length >= events || (head && data.includes(last))) leave();
    });
    socket.addEventListener('error', () => {});
    socket.addEventListener('close', ({ code }: { code: number }) => {
      const closed = admitted || code !== 1006;
      resolve({ told, admitted: closed, code: left || !closed ? null : code });
    });
  });
}

export interface Pieces {
  /** The processes; the list may change meanwhile. */
  readonly urls: readonly string[];
  readonly random: Random;
  readonly after: string;
  /** Most events of one connection. */
  readonly longestVisit: number;
  /** True while the reader shall come back after this many connections. */
  readonly goesOn: (visits: number) => boolean;
  /** Text in the last event. */
  readonly last: string;
}

export interface PiecesRead {
  readonly told: readonly Told[];
  readonly visits: number;
  /** The codes with which the server closed. */
  readonly codes: readonly number[];
}

/** Reads over one connection after another, each with a process chosen at random, which resumes where the one before ended. */
export async function readInPieces(
  reader: Reader,
  { urls, random, after, longestVisit, goesOn, last }: Pieces,
): Promise<PiecesRead> {
  const told: Told[] = [];
  const codes: number[] = [];
  let visits = 0;
  while (goesOn(visits) && !told.at(-1)?.data.includes(last)) {
    const stay = { after: told.at(-1)?.id ?? after, events: random(longestVisit + 1), last, cuts: random(2) === 0 };
    const visit = await reader(anyOf(random, urls), stay);
    if (!visit.admitted) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      continue;
    }
    visits += 1;
    told.push(...visit.told);
    if (visit.code !== null) codes.push(visit.code);
  }
  return { told, visits, codes };
}

/** The events, for `liveReply`. */
export function parsed(told: readonly Told[]): ReceivedEvent[] {
  return told.map(({ id, data }) => ({ id, event: JSON.parse(data) }));
}
