/** Sends generated requests with real ids and tokens filled in, and records the objects they create. */
import http from 'node:http';
import type { Answer } from '../../client.ts';
import type { Json, Operation } from '../document.ts';
import { people, secretsOf, type Actor, type Person, type Stage } from './actors.ts';
import { isKind, type FuzzRequest, type Place } from './requests.ts';

/** A request as it was sent. */
export interface Sent {
  readonly operation: Operation;
  readonly by: FuzzRequest['by'];
  /** Path and query parameters, decoded as the server should; null where the URL is malformed. */
  readonly values: Readonly<Record<string, string | null>>;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  readonly type: string | null;
  /** The users it may act for: its sender, and the owner of its ticket or refresh token. */
  readonly speaksFor: ReadonlySet<string>;
  /** Owners of the objects in path and query. */
  readonly touches: ReadonlySet<Person>;
  /** Words that the sender must not be shown. */
  readonly secrets: readonly string[];
}

type Text = Exclude<Place, { of: Person }>;

const forged = 'eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.eyJzdWIiOiIxIn0.AAAA';

/** Fills current ids and tokens into a request. */
export function prepare({ api, actors }: Stage, request: FuzzRequest): Sent {
  const operation = api.operation(request.operation);
  const touches = new Set<Person>();
  const texts: Record<string, Text> = {};
  for (const [name, place] of Object.entries(request.places)) {
    // A ticket may be used by anybody who has it.
    if ('of' in place && name !== 'ticket') touches.add(place.of);
    texts[name] = textOf(actors, request, name, place);
  }
  const token = tokenOf(actors, request.by);
  const { body, type } = bodyOf(actors, request);
  const speaksFor = new Set<string>([request.by]);
  const { ticket } = request.places;
  if (ticket && 'of' in ticket) speaksFor.add(ticket.of);
  if (request.body && 'refreshTokenOf' in request.body) speaksFor.add(request.body.refreshTokenOf);
  return {
    operation,
    by: request.by,
    values: Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, 'raw' in text ? null : text.text])),
    path: pathOf(operation, texts),
    headers: { ...(token !== null && { authorization: `Bearer ${token}` }), ...request.headers },
    body,
    type,
    speaksFor,
    touches,
    secrets: people.filter((name) => !speaksFor.has(name)).flatMap((name) => secretsOf(actors[name])),
  };
}

function tokenOf(actors: Stage['actors'], by: FuzzRequest['by']): string | null {
  if (by === 'anonymous') return null;
  return by === 'forger' ? forged : actors[by].client.tokens.access_token;
}

function textOf(actors: Stage['actors'], request: FuzzRequest, name: string, place: Place): Text {
  if ('of' in place) return { text: thingOf(actors, request, name, place) };
  // A URL cannot express half of a surrogate pair.
  return 'text' in place ? { text: place.text.toWellFormed() } : place;
}

/** The id of an object, the newest first. A message is chosen with its room when both have the same owner. */
function thingOf(
  actors: Stage['actors'],
  { places }: FuzzRequest,
  name: string,
  { of, nth }: Extract<Place, { of: Person }>,
): string {
  const { things } = actors[of];
  const inRoom = (['message_id', 'reply_id', 'share_id'] as const).find((kind) => {
    const place = places[kind];
    return place !== undefined && 'of' in place && place.of === of;
  });
  if (name === 'chatroom_id' && inRoom !== undefined) {
    const place = places[inRoom] as Extract<Place, { of: Person }>;
    return pick(things[inRoom], place.nth).split('/')[0]!;
  }
  const thing = isKind(name) ? pick(things[name], nth) : '1';
  return thing.split('/').at(-1)!;
}

function pick(list: readonly string[], nth: number): string {
  return list.at(-1 - (nth % Math.max(1, list.length))) ?? '1';
}

function bodyOf(actors: Stage['actors'], { body }: FuzzRequest): { body: string | null; type: string | null } {
  if (body === null) return { body: null, type: null };
  if ('text' in body) return { body: body.text, type: body.type };
  const json: Json =
    'refreshTokenOf' in body ? { refresh_token: actors[body.refreshTokenOf].client.tokens.refresh_token } : body.json;
  return { body: JSON.stringify(json) ?? 'null', type: 'application/json' };
}

function pathOf(operation: Operation, places: Readonly<Record<string, Text>>): string {
  const written = (text: Text) => ('raw' in text ? text.raw : encodeURIComponent(text.text));
  const path = operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => written(places[name]!));
  const query = Object.entries(places).filter(([name]) => !operation.path.includes(`{${name}}`));
  const search = query.map(([name, text]) => `${name}=${written(text)}`).join('&');
  return search === '' ? path : `${path}?${search}`;
}

const agent = new http.Agent({ keepAlive: true, maxSockets: 16 });

/** Sends the request; of a stream only the head is read. */
export function send(url: string, { operation, path, headers, body, type }: Sent): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const outgoing = http.request(url + path, {
    agent,
    method: operation.method,
    path,
    headers: {
      ...headers,
      ...(type !== null && { 'content-type': type }),
      ...(body !== null && { 'content-length': Buffer.byteLength(body) }),
    },
  });
  let answered = false;
  outgoing.on('error', (error) => !answered && reject(error));
  outgoing.on('response', (incoming) => {
    answered = true;
    const answer = {
      status: incoming.statusCode!,
      headers: new Headers(Object.entries(incoming.headers) as [string, string][]),
    };
    if (answer.headers.get('content-type')?.startsWith('text/event-stream')) {
      outgoing.destroy();
      resolve({ ...answer, body: '' });
      return;
    }
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('error', reject);
    incoming.on('end', () => resolve({ ...answer, body: Buffer.concat(chunks).toString() }));
  });
  outgoing.end(body ?? undefined);
  return promise;
}

/** Closes the keep-alive connections. */
export function hangUp(): void {
  agent.destroy();
}

const newest = 8;

/** Adds objects that an answer says were created to their owner's. */
export function remember({ actors }: Stage, { by, operation, path }: Sent, { status, headers, body }: Answer): void {
  if (status < 200 || status > 299 || !/json/.test(headers.get('content-type') ?? '')) return;
  const actor = (actors as Record<string, Actor>)[by];
  if (!actor) return;
  const add = (kind: keyof Actor['things'], id: string) => {
    const list = actor.things[kind];
    list.push(id);
    // The first is kept, so that there is always an object to attack.
    if (list.length > newest) list.splice(1, 1);
  };
  const made = JSON.parse(body);
  if (operation.id === 'createChatroom') add('chatroom_id', String(made.id));
  if (operation.id === 'createEventTicket') add('ticket', made.ticket);
  const roomId = /^\/chatroom\/(\d+)/.exec(path)?.[1];
  if (operation.id === 'createShare') add('share_id', `${roomId}/${made.id}`);
  if (made.reply) {
    add('message_id', `${roomId}/${made.id}`);
    add('reply_id', `${roomId}/${made.reply.id}`);
  }
}
