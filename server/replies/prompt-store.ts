/** SQL that reads a path for the model, cut to the token budget in the database. */
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
const tokens = `(octet_length(m.content) + ${bytesPerToken - 1}) / ${bytesPerToken} + 4`;

/**
 * Values: questions, message limit, tokens. Walked up from each question. Left out are turns whose reply failed, and replies
 * without text. Once the budget is spent, all that is older is left out.
 */
const prompt: Statement<{ questionId: number; content: string; isFromUser: boolean }> = {
  name: 'reply_prompt',
  text: `with recursive path as (
      select m.id as question, 1 as depth, m.id, m.parent_id, false as failed, true as told, ${tokens} as spent
      from messages m where m.id = any ($1::bigint[])
      union all
      select path.question, path.depth + 1, m.id, m.parent_id, turn.failed, turn.told,
        path.spent + case when turn.told then ${tokens} else 0 end
      from path join messages m on m.id = path.parent_id left join replies r on r.message_id = m.id,
        lateral (select case when m.is_from_user then path.failed else r.status = 'failed' end as failed) as state,
        lateral (select state.failed, not state.failed and m.content <> '' as told) as turn
      where path.depth < $2 and path.spent <= $3
    )
    select path.question as "questionId", m.content, m.is_from_user as "isFromUser"
    from path join messages m on m.id = path.id where path.told and (path.depth = 1 or path.spent <= $3)
    order by path.question, path.depth desc`,
};

/** The path down to each claim's question, oldest turn first, by the question's id; empty if the room was deleted. */
export async function readPrompts(
  db: Connection,
  claims: readonly Pick<Claim, 'questionId'>[],
  tokenBudget: number,
): Promise<Map<number, Turn[]>> {
  const questions = claims.map(({ questionId }) => questionId);
  const rows = await db.run(prompt, [questions, lookBackMessages, tokenBudget]);
  const prompts = new Map<number, Turn[]>();
  for (const { questionId, content, isFromUser } of rows) {
    const turns = prompts.get(questionId) ?? [];
    prompts.set(questionId, turns);
    // Drops an answer whose question did not fit.
    if (isFromUser || turns.length > 0) turns.push(textTurn(isFromUser ? 'user' : 'model', content));
  }
  return prompts;
}
