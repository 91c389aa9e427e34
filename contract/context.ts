/** What the next question of a room would be sent with. */
import { Type, type Static } from 'typebox';
import { ChatroomParams } from './chatrooms.ts';
import { endpoint } from './endpoint.ts';
import { Id, Nullable } from './shapes.ts';

const Tokens = (description: string, example: number) => Type.Integer({ minimum: 0, description, examples: [example] });

export const Context = Type.Object(
  {
    model: Type.String({ description: 'Id of the model that would answer.', examples: ['gemini-3.5-flash-lite'] }),
    budget_tokens: Tokens(
      'Most tokens that are sent. Tokens are estimates, corrected by what the vendor counted last.',
      32_000,
    ),
    used_tokens: Tokens('Tokens of all that follows.', 1200),
    instructions: Nullable(
      Type.String({
        description: 'Instructions as sent, those of the account and then those of the room; null if there are none.',
        examples: ['Answer briefly.'],
      }),
    ),
    memories: Type.Array(Type.String({ examples: ['I am a vegetarian.'] }), {
      description: 'Memories as sent, oldest first: the newest that fit; none while they are switched off.',
    }),
    summary: Nullable(
      Type.Object(
        {
          text: Type.String({ examples: ['They plan a trip to Kenya in May.'] }),
          up_to_message_id: Type.Integer({ ...Id, description: 'The last message that it summarizes.' }),
        },
        { description: 'Sent in place of older turns; null if there is none.' },
      ),
    ),
    files: Type.Array(
      Type.Object({
        id: Id,
        name: Type.String({ examples: ['report.pdf'] }),
        message_id: Type.Integer({ ...Id, description: 'The message that it stands on.' }),
        sent: Type.Enum(['whole', 'passages', 'none'], {
          description: 'All of it, the passages that suit the last question best, or nothing but its name.',
          examples: ['whole'],
        }),
        tokens: Tokens('Estimated.', 1130),
      }),
      {
        description:
          'Files of the current path, those of the newest message first: these whole if they fit, older ones by their best passages. Pictures, and PDFs for models that take them, are whole or left out.',
      },
    ),
    turns: Type.Array(Type.Object({ message_id: Id, tokens: Tokens('Estimated.', 12) }), {
      description: 'The newest messages of the current path that fit, oldest first. Turns that failed are left out.',
    }),
  },
  {
    title: 'Context',
    examples: [
      {
        model: 'gemini-3.5-flash-lite',
        budget_tokens: 32_000,
        used_tokens: 64,
        instructions: 'Answer briefly.',
        memories: ['I am a vegetarian.'],
        summary: { text: 'They plan a trip to Kenya in May.', up_to_message_id: 42 },
        files: [],
        turns: [{ message_id: 43, tokens: 12 }],
      },
    ],
  },
);
export type Context = Static<typeof Context>;

export const readContext = endpoint({
  method: 'GET',
  path: '/chatroom/:chatroom_id/context',
  operationId: 'readContext',
  tag: 'Messages',
  summary: 'Show what the model would be sent',
  description:
    'What the next question of a room of yours would be sent with: the newest turns of its current path that fit the budget of the model, a summary in place of older ones, instructions and memories.',
  auth: 'bearer',
  params: ChatroomParams,
  answers: { 200: { description: 'The context.', body: Context } },
  problems: ['not_found'],
});
