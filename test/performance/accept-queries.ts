/** Examples of the statements that accept questions, by exported name; for `every-query.ts`. */
import * as accept from '../../server/messages/accept-store.ts';
import type { Connection } from '../../server/ports/database.ts';
import { builtInPlans } from '../built-in-plans.ts';
import { catalog } from './price-queries.ts';

const plans = builtInPlans(5);
const room = { userId: 500, roomId: 500 };
const question = { ...room, plans, catalog, unfinishedAtMost: 20, content: 'Why?', trace: null };
const questions = [question, { ...question, fileIds: [499, 30_499] }];
const key = { key: 'k', fingerprint: 'f' };

type Call = (db: Connection) => unknown;

export const acceptCalls: Readonly<Record<string, readonly Call[]>> = {
  acceptQuestion: questions.map((one) => (db) => accept.acceptQuestion(db, one)),
  acceptQuestionWithKey: questions.map((one) => (db) => accept.acceptQuestionWithKey(db, one, key)),
  acceptRegeneration: [(db) => accept.acceptRegeneration(db, { ...question, replyId: 4000 })],
};
