/** SQL that reads what of a conversation goes to the model, cut to the token budget before it leaves the database. */
import type { Connection, Statement } from '../ports/database.ts';
import type { Turn } from '../ports/model.ts';
import type { Claim } from './claim-store.ts';

/** How many messages are looked at, at most. */
const lookBackMessages = 200;
const bytesPerToken = 4;
/** The longest question there can be: 32,000 characters. It always goes, whatever the budget. */
const longestQuestionBytes = 4 * 32_000;

/** The most text a prompt can have, in UTF-8. */
export function largestPromptBytes(tokenBudget: number): number {
  return tokenBudget * bytesPerToken + longestQuestionBytes;
}

/** A rough count that errs on the high side for prose. The length is known without unpacking a stored text. */
const tokens = `(octet_length(content) + ${bytesPerToken - 1}) / ${bytesPerToken} + 4`;
/** A reply has no content while it is not settled, and none when it failed. */
const hasContent = `content <> ''`;

/**
 * Values: rooms, questions, look-back, tokens. A reply stands behind the question it answers, however late it was
 * written, and of several only the newest counts. Older turns are dropped as a block once the budget is spent.
 */
const prompt: Statement<{ questionId: number; content: string; isFromUser: boolean }> = {
  name: 'reply_prompt',
  text: `select asked.question as "questionId", turn.content, turn.is_from_user as "isFromUser"
    from unnest($1::bigint[], $2::bigint[]) as asked (room, question), lateral (
      select *, sum(${tokens}) over (order by place desc, is_from_user) as spent from (
        select distinct on (place, is_from_user) place, is_from_user, content from (
          (select id, case when is_from_user then id else parent_id end as place, is_from_user, content from messages
            where chatroom_id = asked.room and id <= asked.question and ${hasContent} order by id desc limit $3)
          union all
          (select id, parent_id, false, content from messages
            where chatroom_id = asked.room and id > asked.question and not is_from_user
              and parent_id < asked.question and ${hasContent}
            order by id desc limit $3)
        ) as known order by place desc, is_from_user, id desc
      ) as newest
    ) as turn
    where turn.spent <= $4 or turn.place = asked.question
    order by asked.question, turn.place, turn.is_from_user desc`,
};

/** Each claim's conversation up to its question, oldest turn first, by the question's id; empty when the room is gone. */
export async function readPrompts(
  db: Connection,
  claims: readonly Pick<Claim, 'roomId' | 'questionId'>[],
  tokenBudget: number,
): Promise<Map<number, Turn[]>> {
  const rooms = claims.map(({ roomId }) => roomId);
  const questions = claims.map(({ questionId }) => questionId);
  const rows = await db.run(prompt, [rooms, questions, lookBackMessages, tokenBudget]);
  const prompts = new Map<number, Turn[]>();
  for (const { questionId, content, isFromUser } of rows) {
    const turns = prompts.get(questionId) ?? [];
    prompts.set(questionId, turns);
    // An answer whose question did not fit says nothing.
    if (isFromUser || turns.length > 0) turns.push({ role: isFromUser ? 'user' : 'model', text: content });
  }
  return prompts;
}
