/** SQL that reads a conversation for the model, cut to the token budget in the database. */
import type { Connection, Statement } from '../ports/database.ts';
import { textTurn, type Turn } from '../ports/model.ts';
import type { Claim } from './claim-store.ts';

/** Limit of messages considered. */
const lookBackMessages = 200;
const bytesPerToken = 4;
/** The longest question: 32,000 characters. A question is always sent, regardless of the budget. */
const longestQuestionBytes = 4 * 32_000;

/** The largest text of a prompt, in UTF-8. */
export function largestPromptBytes(tokenBudget: number): number {
  return tokenBudget * bytesPerToken + longestQuestionBytes;
}

/** An estimate, on the high side for prose. `octet_length` needs no decompression of stored text. */
const tokens = `(octet_length(content) + ${bytesPerToken - 1}) / ${bytesPerToken} + 4`;
/** Unsettled and failed replies have no content. */
const hasContent = `content <> ''`;

/**
 * Values: rooms, questions, message limit, tokens. A reply follows the question it answers, whenever it was written, and only the
 * newest of several is used. Once the budget is spent all older turns are dropped.
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

/** Each claim's conversation up to its question, oldest turn first, by the question's id; empty if the room was deleted. */
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
    // Drops an answer whose question did not fit.
    if (isFromUser || turns.length > 0) turns.push(textTurn(isFromUser ? 'user' : 'model', content));
  }
  return prompts;
}
