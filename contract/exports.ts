/** Exports of rooms as files. */
import { Type } from 'typebox';
import { Chatroom, ChatroomParams } from './chatrooms.ts';
import { endpoint } from './endpoint.ts';
import { Message } from './messages.ts';

const { versions: _, ...exported } = Message.properties;
const ExportedMessage = Type.Object(exported, { title: 'ExportedMessage' });

export const ExportedChatroom = Type.Object(
  { ...Chatroom.properties, messages: Type.Array(ExportedMessage) },
  { title: 'ExportedChatroom' },
);

export const exportChatroom = endpoint({
  method: 'GET',
  path: '/chatroom/:chatroom_id/export',
  operationId: 'exportChatroom',
  tag: 'Messages',
  summary: 'Export a room',
  description:
    'A file named like the room: the current path as Markdown, or all branches as JSON. It is streamed; after a failure the connection is cut, so that a short file never looks whole. Unfinished replies are left out.',
  auth: 'ticket',
  params: ChatroomParams,
  query: Type.Object({
    format: Type.Optional(
      Type.Enum(['markdown', 'json'], {
        description: 'The path as Markdown, unless all branches as JSON.',
        examples: ['json'],
      }),
    ),
    ticket: Type.Optional(
      Type.String({ maxLength: 128, description: 'From `POST /events/ticket`, for links, which cannot send headers.' }),
    ),
  }),
  answers: {
    200: {
      description: 'The file.',
      body: Type.String({ examples: ['# Travel plans\n\n## Question · 2026-11-23T08:15:30.123Z\n\nWhere to?\n'] }),
      mediaType: 'text/markdown',
      otherwise: { 'application/json': ExportedChatroom },
      headers: {
        'content-disposition': {
          description: 'The name of the file.',
          schema: Type.String({ examples: ["attachment; filename*=UTF-8''Travel%20plans.md"] }),
        },
      },
    },
  },
  problems: ['not_found'],
});
