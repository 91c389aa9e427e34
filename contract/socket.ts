/** The live feed over a WebSocket: its frames and close codes. Sending stays HTTP. */
import { Type, type Static } from 'typebox';
import { endpoint } from './endpoint.ts';
import { FeedEventData } from './events.ts';

/** Time for the first frame of a client. */
export const helloWithinSeconds = 10;
/** A longer frame closes the connection. */
export const maxFrameBytes = 4096;
/** Frames of a client, control frames included; more close the connection. */
export const frameRate = { atMost: 60, inSeconds: 10 };

const Hello = Type.Object({
  type: Type.Literal('hello'),
  resume_from: Type.Optional(
    Type.Union([Type.String({ maxLength: 64 }), Type.Null()], {
      description: 'The `id` of the last event, or a `position`, to resume from; null to start now.',
      examples: ['1764231600412-0'],
    }),
  ),
});

const Ping = Type.Object({ type: Type.Literal('ping') });

const Visibility = Type.Object({
  type: Type.Literal('visibility'),
  visible: Type.Boolean({ description: 'Somebody can see the page. Until it is said otherwise, true.' }),
});

/** Frames of the client by type; others are ignored. */
export const clientFrames = { hello: Hello, ping: Ping, visibility: Visibility } as const;
export type ClientFrame = Static<(typeof clientFrames)[keyof typeof clientFrames]>;

const position = Type.String({ description: 'Where to resume from.', examples: ['1764231600000-0'] });

const Welcome = Type.Object({ type: Type.Literal('welcome'), position });
const Pong = Type.Object({ type: Type.Literal('pong') });
const KeepAlive = Type.Object({ type: Type.Literal('ping'), position: Type.Optional(position) });

const EventFrame = Type.Unsafe<object>({
  allOf: [
    Type.Object({
      id: Type.Optional(
        Type.String({
          description: 'The position of the event. `session.ended` has none.',
          examples: ['1764231600412-0'],
        }),
      ),
    }),
    FeedEventData,
  ],
});

const ServerFrame = Type.Unsafe<object>({ anyOf: [Welcome, Pong, KeepAlive, EventFrame] });

/** Why the server closes: those of RFC 6455, section 7.4.1, and from 4000 our own. */
export const socketCloses = {
  1002: 'The frames break the protocol (RFC 6455).',
  1003: 'A frame is not a JSON object with a `type`, in text.',
  1007: 'A frame is not UTF-8.',
  1008: 'A `hello` is not valid or not the first one, or a frame comes in too many parts.',
  1009: `A frame is longer than ${maxFrameBytes} bytes.`,
  1012: 'The server restarts: connect again at once and resume.',
  4401: 'The session or its access token has ended: refresh the tokens, or sign in again.',
  4408: `The first frame was not a \`hello\`, or none came within ${helloWithinSeconds} s.`,
  4413: 'More than a mebibyte of events is unread: connect again and resume.',
  4429: `More than ${frameRate.atMost} frames came in ${frameRate.inSeconds} s.`,
} as const;
export type SocketClose = keyof typeof socketCloses;

const closeList = Object.entries(socketCloses)
  .map(([code, meaning]) => `- ${code}: ${meaning}`)
  .join('\n');

export const openSocket = endpoint({
  method: 'GET',
  path: '/ws',
  operationId: 'openSocket',
  tag: 'Live events',
  summary: 'Open the live feed as a WebSocket',
  description: `The events of \`GET /events\` as JSON text frames, \`{"id": …, "type": …}\`. Send \`{"type": "hello", "resume_from": id or null}\` first, within ${helloWithinSeconds} s; the answer is \`{"type": "welcome", "position": id}\`, followed by every event after it. \`{"type": "ping"}\` is answered with \`{"type": "pong"}\`. Every 15 s the server sends \`{"type": "ping"}\`, with a \`position\` where it has moved. \`{"type": "visibility", "visible": false}\` says that nobody can see the page; push messages (\`GET /push/key\`) are sent while no connection of the account is visible and answers pings. Nothing else is sent here: messages go over HTTP. Ignore types that you do not know.

Pages of other origins are refused unless \`CORS_ORIGINS\` or \`FRONTEND_URL\` names them. The connection ends with your access token.

Close codes:

${closeList}

Anything but 4401 may be tried again, after a delay that grows.`,
  auth: 'ticket',
  rates: ['feeds'],
  query: Type.Object({
    ticket: Type.Optional(
      Type.String({ maxLength: 128, description: 'From `POST /events/ticket`, for clients that cannot send headers.' }),
    ),
  }),
  socket: {
    client: Type.Unsafe<ClientFrame>({ oneOf: Object.values(clientFrames) }),
    server: ServerFrame,
    closes: socketCloses,
  },
  answers: {
    101: {
      description: 'The connection is a WebSocket from here on.',
      headers: {
        upgrade: { description: 'The protocol.', schema: Type.String({ examples: ['websocket'] }) },
      },
    },
  },
  problems: [],
});
