/** Messages and their replies: send, read, cancel, regenerate. */
import { Type, type Static } from 'typebox';
import { Attachments, attachmentsAtMost } from './attachments.ts';
import { ChatroomParams } from './chatrooms.ts';
import { endpoint } from './endpoint.ts';
import { Id, LinkHeader, Nullable, PageQuery, Text, Timestamp } from './shapes.ts';

export const replyStatuses = ['queued', 'generating', 'complete', 'failed', 'cancelled'] as const;
export type ReplyStatus = (typeof replyStatuses)[number];

/** Why a reply failed. `content` explains it to the user. */
export const failureCodes = [
  'model_unavailable',
  'model_overloaded',
  'model_misconfigured',
  'model_not_found',
  'request_refused',
  'safety_blocked',
  'empty_answer',
  'timed_out',
  'internal_error',
] as const;
export type FailureCode = (typeof failureCodes)[number];

export const ratings = ['up', 'down'] as const;
export type Rating = (typeof ratings)[number];

export const Message = Type.Object(
  {
    id: Id,
    content: Type.String({
      description: 'The text. Of a pending reply the text so far; of a failed one an explanation.',
      examples: ['Kilimanjaro, 5,895 m above the sea.'],
    }),
    is_from_user: Type.Boolean({ description: 'False for a reply.', examples: [false] }),
    created_at: Timestamp,
    status: Type.Enum([...replyStatuses], {
      description: "A user's message is always `complete`.",
      examples: ['complete'],
    }),
    in_reply_to: Nullable(
      Type.Integer({ description: 'For a reply: the id of the message it answers.', examples: [41] }),
    ),
    parent_id: Nullable(
      Type.Integer({ description: 'The message it follows; null for a first question.', examples: [41] }),
    ),
    versions: Type.Array(Id, {
      description: 'All messages with the same parent, unfinished ones and itself included, oldest first.',
      examples: [[42]],
    }),
    code: Nullable(
      Type.String({
        description: `For a failed reply: ${failureCodes.map((code) => `\`${code}\``).join(', ')}.`,
        examples: [null],
      }),
    ),
    truncated: Type.Boolean({
      description: 'True for a reply that reached the length limit of the model.',
      examples: [false],
    }),
    attempt: Nullable(
      Type.Integer({
        description: 'For a reply: the attempt that wrote `content`, as in its deltas.',
        examples: [1],
      }),
    ),
    model: Nullable(
      Type.String({
        description: 'For a finished reply: the id of the model that wrote it.',
        examples: ['gemini-3.5-flash-lite'],
      }),
    ),
    fallback_from: Nullable(
      Type.String({
        description: 'For a finished reply: the id of the requested model if another one answered; otherwise null.',
        examples: [null],
      }),
    ),
    charged: Nullable(
      Type.Boolean({
        description:
          'For a reply: whether it counts as a message of the day. A failed one is given back, up to a number a day.',
        examples: [true],
      }),
    ),
    feedback: Type.Unsafe<Rating | null>({
      type: ['string', 'null'],
      enum: [...ratings, null],
      description: 'How you rated a reply.',
      examples: ['up'],
    }),
    attachments: Attachments,
  },
  { title: 'Message' },
);
export type Message = Static<typeof Message>;

const ModelId = Type.Optional(
  Type.String({
    minLength: 1,
    maxLength: 200,
    description: "Id of the model that shall answer; by default the room's, then that of your plan.",
    examples: ['gemini-3.5-flash-lite'],
  }),
);

const IfHeadId = Type.Optional(
  Nullable(
    Type.Integer({
      ...Id,
      description:
        'Refused with `head_moved` if the path of the room does not end here, null: unless the room is empty.',
    }),
  ),
);

export const NewMessage = Type.Object(
  {
    content: Text(0, 32_000, {
      description: 'At most 32,000 characters, and empty only with files; NUL and unpaired surrogates are refused.',
      examples: ['What is the tallest mountain in Africa?'],
    }),
    attachment_ids: Type.Optional(
      Type.Array(Id, {
        maxItems: attachmentsAtMost,
        description:
          'Files of yours, in this order. A file may stand on all versions at one place of the tree, and nowhere else.',
      }),
    ),
    parent_id: Type.Optional(
      Nullable(
        Type.Integer({
          ...Id,
          description:
            'The reply that it follows; null for another first question. With the `parent_id` of a message it becomes another version of that. By default it follows the end of the current path.',
        }),
      ),
    ),
    model: ModelId,
    if_head_id: IfHeadId,
  },
  { title: 'NewMessage', examples: [{ content: 'What is the tallest mountain in Africa?' }] },
);

export const Regeneration = Type.Object(
  { model: ModelId, if_head_id: IfHeadId },
  { title: 'Regeneration', examples: [{}] },
);

export const ReplyState = Type.Object({ id: Id, status: Type.Enum([...replyStatuses]) }, { title: 'ReplyState' });

export const AcceptedMessage = Type.Object(
  {
    id: Type.Integer({ ...Id, examples: [41] }),
    content: Type.String({ examples: ['What is the tallest mountain in Africa?'] }),
    is_from_user: Type.Literal(true),
    created_at: Timestamp,
    parent_id: Nullable(
      Type.Integer({ description: 'The message it follows; null for a first question.', examples: [40] }),
    ),
    reply: ReplyState,
  },
  { title: 'AcceptedMessage' },
);
export type AcceptedMessage = Static<typeof AcceptedMessage>;

export const rateLimitHeaders = {
  'ratelimit-policy': {
    description: 'For a plan with a daily limit: `"daily";q=5;w=86400` (draft-ietf-httpapi-ratelimit-headers).',
    schema: Type.String({ examples: ['"daily";q=5;w=86400'] }),
  },
  ratelimit: {
    description: 'For a plan with a daily limit: messages left (`r`) and seconds until the reset (`t`).',
    schema: Type.String({ examples: ['"daily";r=4;t=56730'] }),
  },
};

const accepted = {
  202: {
    description: 'Message, queued reply and quota charge are committed together.',
    body: AcceptedMessage,
    headers: {
      location: { description: 'Path of the reply.', schema: Type.String({ examples: ['/chatroom/7/messages/42'] }) },
      ...rateLimitHeaders,
    },
  },
} as const;

/** Why a question is not accepted. */
const refusals = [
  'not_found',
  'plan_required',
  'head_moved',
  'too_many_unfinished',
  'daily_limit_reached',
  'budget_reached',
  'service_budget_reached',
] as const;

const MessageParams = Type.Object({
  ...ChatroomParams.properties,
  message_id: Type.Integer({ ...Id, description: 'A message or reply in that room.' }),
});
export const ReplyParams = Type.Object({
  ...ChatroomParams.properties,
  reply_id: Type.Integer({ ...Id, description: 'A reply in that room.' }),
});

export const sendMessage = endpoint({
  method: 'POST',
  path: '/chatroom/:chatroom_id/message',
  operationId: 'sendMessage',
  tag: 'Messages',
  summary: 'Send a message',
  description:
    'Accepts a message; the reply is generated by a worker once all replies above it have ended. Follow it on `GET /events`, or poll `Location`. The path of the room moves to the reply. A room is a tree: with `parent_id` a message becomes another version at that place, so an edit is a send with the `parent_id` of the message edited.',
  auth: 'bearer',
  params: ChatroomParams,
  idempotent: true,
  body: NewMessage,
  answers: accepted,
  problems: refusals,
});

export const listMessages = endpoint({
  method: 'GET',
  path: '/chatroom/:chatroom_id/messages',
  operationId: 'listMessages',
  tag: 'Messages',
  summary: 'List the messages of a path',
  description:
    'The current path, from the first question to `head_id`: the newest 100 unless paged, oldest first. A page ends early at 1 MiB of text; follow `Link` for the rest. Unfinished replies are included only with `include=pending`. `before` and `after` need not lie on the path.',
  auth: 'bearer',
  conditional: true,
  params: ChatroomParams,
  query: Type.Object({
    ...PageQuery,
    on_path: Type.Optional(
      Type.Enum(['true'], {
        description:
          'With `before`: that message is on the path. The page is then what is above it, found without following the path up from its end. `Link` has it.',
      }),
    ),
    include: Type.Optional(Type.Enum(['pending'], { description: 'Include unfinished replies.' })),
    through: Type.Optional(
      Type.Integer({
        ...Id,
        description: 'The path through this message to the newest below it, without choosing it.',
      }),
    ),
  }),
  answers: { 200: { description: 'The messages.', body: Type.Array(Message), headers: LinkHeader } },
  problems: ['not_found'],
});

export const readMessage = endpoint({
  method: 'GET',
  path: '/chatroom/:chatroom_id/messages/:message_id',
  operationId: 'readMessage',
  tag: 'Messages',
  summary: 'Read one message',
  description: 'A message or a reply, finished or not.',
  auth: 'bearer',
  conditional: true,
  params: MessageParams,
  answers: { 200: { description: 'The message.', body: Message } },
  problems: ['not_found'],
});

export const cancelReply = endpoint({
  method: 'POST',
  path: '/chatroom/:chatroom_id/messages/:reply_id/cancel',
  operationId: 'cancelReply',
  tag: 'Messages',
  summary: 'Stop a reply',
  description: 'Keeps the text so far. Has no effect on a reply that was stopped already.',
  auth: 'bearer',
  params: ReplyParams,
  rates: [],
  answers: { 202: { description: 'Stopped.', body: ReplyState } },
  problems: ['not_found', 'reply_finished'],
});

export const regenerateReply = endpoint({
  method: 'POST',
  path: '/chatroom/:chatroom_id/messages/:reply_id/regenerate',
  operationId: 'regenerateReply',
  tag: 'Messages',
  summary: 'Regenerate a reply',
  description:
    'Queues a new reply to the same message, charged like a message. The body may be left out. Refused while another reply to it is unfinished, so that a double click is charged once; a reply that is being stopped does not count.',
  auth: 'bearer',
  params: ReplyParams,
  body: Regeneration,
  bodyOptional: true,
  idempotent: true,
  answers: accepted,
  problems: [...refusals, 'reply_unfinished'],
});
