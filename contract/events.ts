/** The live feed: its events, and the operations that open it. */
import { Type, type Static } from 'typebox';
import { Chatroom } from './chatrooms.ts';
import { endpoint } from './endpoint.ts';
import { Message } from './messages.ts';
import { Budget, Tier } from './plans.ts';
import { Upload } from './uploads.ts';
import { Id, Timestamp } from './shapes.ts';

const inRoom = { chatroom_id: Id, message_id: Id };

/** Data of each event by type. On the wire the data also contains `type`. */
export const eventData = {
  'message.created': Type.Object({
    chatroom_id: Id,
    message: Message,
    reply: Message,
    idempotency_key: Type.Optional(
      Type.String({ description: 'The `Idempotency-Key` of the request, if it had one.', examples: ['a-key'] }),
    ),
    head_id: Type.Integer({ ...Id, description: 'Where the path of the room ends now.' }),
    updated_at: Type.String({ ...Timestamp, description: "The room's latest activity." }),
  }),
  'reply.started': Type.Object({
    ...inRoom,
    attempt: Type.Integer(),
    model: Type.String({ description: 'Id of the model that answers.', examples: ['gemini-3.5-flash-lite'] }),
    fallback_from: Message.properties.fallback_from,
  }),
  'reply.delta': Type.Object({
    ...inRoom,
    attempt: Type.Integer(),
    offset: Type.Integer({ description: 'Start of `text` in the reply, in UTF-16 code units.' }),
    text: Type.String(),
  }),
  'reply.reset': Type.Object({
    ...inRoom,
    attempt: Type.Integer({ description: 'The attempt whose text is discarded.' }),
  }),
  'reply.completed': Type.Object({ ...inRoom, message: Message }),
  'reply.failed': Type.Object({ ...inRoom, message: Message }),
  'reply.cancelled': Type.Object({ ...inRoom, message: Message }),
  'message.updated': Type.Object({
    ...inRoom,
    feedback: Message.properties.feedback,
    versions: Message.properties.versions,
  }),
  'chatroom.created': Type.Object({ chatroom_id: Id, chatroom: Chatroom }),
  'chatroom.updated': Type.Object({ chatroom_id: Id, chatroom: Chatroom }),
  'chatroom.deleted': Type.Object({ chatroom_id: Id }),
  'upload.updated': Type.Object({ upload: Upload }),
  'quota.changed': Type.Object({
    daily_limit: Type.Union([Type.Integer(), Type.Null()]),
    messages_used_today: Type.Integer(),
    remaining_today: Type.Union([Type.Integer(), Type.Null()]),
    resets_at: Timestamp,
    budget: Budget,
  }),
  'subscription.changed': Type.Object({ tier: Tier, status: Type.String() }),
  'user.changed': Type.Object({ what: Type.Enum(['settings', 'memories', 'sessions', 'shares', 'role']) }),
  'session.ended': Type.Object({
    reason: Type.String({
      description:
        '`signed_out` or `account_deleted`. The last event of a feed, without an id; the feed closes after it.',
      examples: ['signed_out'],
    }),
  }),
  'feed.reset': Type.Object({ reason: Type.String() }),
} as const;

export type FeedEventType = keyof typeof eventData;

/** An event as sent, without its id. */
export type FeedEvent = { [T in FeedEventType]: { type: T } & Static<(typeof eventData)[T]> }[FeedEventType];

const typeOf = (name: string) => name.replaceAll(/(?:^|\.)(\w)/g, (_, letter: string) => letter.toUpperCase());

/** The data of an event as sent: a union discriminated by `type`. */
export const FeedEventData = Type.Unsafe<FeedEvent>({
  oneOf: Object.entries(eventData).map(([type, data]) =>
    Type.Object({ type: Type.Literal(type), ...data.properties }, { title: `${typeOf(type)}Event` }),
  ),
  discriminator: {
    propertyName: 'type',
    mapping: Object.fromEntries(
      Object.keys(eventData).map((type) => [type, `#/components/schemas/${typeOf(type)}Event`]),
    ),
  },
});

const streamExample = `retry: 2000
id: 1764231600000-0

id: 1764231600412-0
event: reply.delta
data: {"type":"reply.delta","chatroom_id":7,"message_id":42,"attempt":1,"offset":0,"text":"Kilimanjaro"}

`;

export const Ticket = Type.Object(
  {
    ticket: Type.String({ description: 'For `?ticket=`. Valid once.', examples: ['hW9Xc1m0b6Jv5uU3gkqYf2s8dLrTzA4e'] }),
    expires_in: Type.Integer({ description: 'Seconds.', examples: [60] }),
  },
  { title: 'Ticket' },
);
export type Ticket = Static<typeof Ticket>;

const eventTypes = Object.keys(eventData)
  .map((type) => `\`${type}\``)
  .join(', ');

export const openEvents = endpoint({
  method: 'GET',
  path: '/events',
  operationId: 'openEvents',
  tag: 'Live events',
  summary: 'Open the live feed',
  description: `Server-sent events for all rooms of the user: ${eventTypes}. \`Last-Event-ID\` resumes without gap or repeat; the last mebibyte of events is held for an hour. For a position that is no longer held, and after an event of more than 256 KiB, the feed sends \`feed.reset\`: read again over HTTP and continue. The concatenated deltas equal the stored content.`,
  auth: 'ticket',
  rates: ['feeds'],
  query: Type.Object({
    ticket: Type.Optional(
      Type.String({ maxLength: 128, description: 'From `POST /events/ticket`, for clients that cannot send headers.' }),
    ),
    chatroom_id: Type.Optional(Type.Integer({ ...Id, description: 'Only events of this room, and `feed.reset`.' })),
    last_event_id: Type.Optional(
      Type.String({ maxLength: 64, description: 'Like `Last-Event-ID`, for the first request.' }),
    ),
    visible: Type.Optional(
      Type.Enum(['false'], {
        description:
          'Nobody can see the page: while the account has no other connection, push messages are sent (`GET /push/key`).',
      }),
    ),
  }),
  headers: Type.Object({
    'last-event-id': Type.Optional(Type.String({ maxLength: 64, description: 'Position to resume from.' })),
  }),
  answers: {
    200: {
      description: 'The stream. Each `data:` line is one event.',
      body: Type.String({
        contentMediaType: 'application/json',
        contentSchema: FeedEventData,
        examples: [streamExample],
      }),
      mediaType: 'text/event-stream',
    },
  },
  problems: ['not_found'],
});

export const createTicket = endpoint({
  method: 'POST',
  path: '/events/ticket',
  operationId: 'createEventTicket',
  tag: 'Live events',
  summary: 'Get a ticket for the live feed',
  description:
    'Valid once and for at most 60 seconds; its feed ends with your access token, and is in the language of this request (`Accept-Language`). For browsers, whose `EventSource` and `WebSocket` cannot send headers: a JWT must not be put into a URL.',
  auth: 'bearer',
  rates: ['writes', 'feeds'],
  holdsSecret: true,
  answers: { 201: { description: 'The ticket.', body: Ticket } },
  problems: [],
});
