/** The unfinished replies of an account. */
import { Type, type Static } from 'typebox';
import { endpoint } from './endpoint.ts';
import { Id, LinkHeader, PageQuery, Timestamp } from './shapes.ts';

export const UnfinishedReply = Type.Object(
  {
    id: Id,
    chatroom_id: Type.Integer({ ...Id, examples: [7] }),
    in_reply_to: Type.Integer({ ...Id, description: 'The message it answers.', examples: [41] }),
    status: Type.Enum(['queued', 'generating'], { examples: ['generating'] }),
    attempt: Type.Integer({
      description: 'The attempt under way, as in its deltas; 0 before the first.',
      examples: [1],
    }),
    created_at: Timestamp,
  },
  { title: 'UnfinishedReply' },
);
export type UnfinishedReply = Static<typeof UnfinishedReply>;

export const listUnfinished = endpoint({
  method: 'GET',
  path: '/replies',
  operationId: 'listUnfinishedReplies',
  tag: 'Messages',
  summary: 'List your unfinished replies',
  description: 'Of all rooms, oldest first, the first 100 unless paged. Their text so far is in their rooms.',
  auth: 'bearer',
  query: Type.Object({ limit: PageQuery.limit, after: PageQuery.after }),
  answers: { 200: { description: 'The replies.', body: Type.Array(UnfinishedReply), headers: LinkHeader } },
  problems: [],
});
