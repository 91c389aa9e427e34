/** Examples of the statements that accept questions, and that read files for prompts, by exported name; for `every-query.ts`. */
import * as accept from '../../server/messages/accept-store.ts';
import * as files from '../../server/replies/file-store.ts';
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
  readPathFiles: [(db) => files.readPathFiles(db, [{ lastMessageId: 4000, userId: 500 }])],
  findBestPassages: [(db) => files.findBestPassages(db, 500, ['words', 'some'], 4000)],
  readFileCopy: [(db) => files.readFileCopy(db, 500, 'vendor')],
  keepFileCopy: [(db) => files.keepFileCopy(db, 500, { vendor: 'vendor', uri: 'uri', until: new Date() })],
  forgetFileCopy: [(db) => files.forgetFileCopy(db, 500, 'vendor')],
  acceptRegeneration: [(db) => accept.acceptRegeneration(db, { ...question, replyId: 4000 })],
};
