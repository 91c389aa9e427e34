/** Ratings of replies. */
import { Type } from 'typebox';
import { endpoint } from './endpoint.ts';
import { Message, ratings, ReplyParams } from './messages.ts';

const Feedback = Type.Object(
  { rating: Type.Enum([...ratings], { description: 'A good answer, or a bad one.', examples: ['up'] }) },
  { title: 'Feedback', examples: [{ rating: 'up' }] },
);

export const rateReply = endpoint({
  method: 'PUT',
  path: '/chatroom/:chatroom_id/messages/:reply_id/feedback',
  operationId: 'rateReply',
  tag: 'Messages',
  summary: 'Rate a reply',
  description:
    'Rates a finished reply in place of an earlier rating. Your other devices receive `message.updated`. A message of your own is `not_found`.',
  auth: 'bearer',
  params: ReplyParams,
  body: Feedback,
  answers: { 200: { description: 'The reply.', body: Message } },
  problems: ['not_found', 'reply_unfinished'],
});

export const removeRating = endpoint({
  method: 'DELETE',
  path: '/chatroom/:chatroom_id/messages/:reply_id/feedback',
  operationId: 'removeReplyRating',
  tag: 'Messages',
  summary: 'Remove the rating of a reply',
  description: 'Succeeds for a finished reply that is not rated, too.',
  auth: 'bearer',
  params: ReplyParams,
  answers: { 204: { description: 'Removed.' } },
  problems: ['not_found', 'reply_unfinished'],
});
