/** SQL that reads a path for the model, cut to the token budget in the database. */
import type { Connection, Statement } from '../ports/database.ts';
import { bytesPerToken, tokensPerTurn } from './tokens.ts';

/** Limit of messages considered. */
const lookBackMessages = 200;
/** The longest question: 32,000 characters. A question is always sent, regardless of the budget. */
const longestQuestionBytes = 4 * 32_000;

/** The largest text of a prompt, in UTF-8. */
export function largestPromptBytes(tokenBudget: number): number {
  return tokenBudget * bytesPerToken + longestQuestionBytes;
}

/** Like `tokensOf`, and a turn's own. `octet_length` needs no decompression of stored text. */
const tokens = `(octet_length(m.content) + ${bytesPerToken - 1}) / ${bytesPerToken} + ${tokensPerTurn}`;

export interface StoredTurn {
  readonly messageId: number;
  readonly isFromUser: boolean;
  readonly content: string;
  /** Estimated. */
  readonly tokens: number;
}

/**
 * Values: questions, the token budget of each, message limit. Walked up from each question. Left out are turns whose reply
 * failed, and replies without text. Once the budget is spent, all that is older is left out.
 */
const prompt: Statement<StoredTurn & { place: number }> = {
  name: 'reply_prompt',
  text: `with recursive path as (
      select asked.place, asked.budget, 1 as depth, m.id, m.parent_id, false as failed, true as told, ${tokens} as tokens,
        ${tokens} as spent
      from unnest($1::bigint[], $2::int[]) with ordinality as asked (question, budget, place)
        join messages m on m.id = asked.question
      union all
      select path.place, path.budget, path.depth + 1, m.id, m.parent_id, turn.failed, turn.told, ${tokens},
        path.spent + case when turn.told then ${tokens} else 0 end
      from path join messages m on m.id = path.parent_id left join replies r on r.message_id = m.id,
        lateral (select case when m.is_from_user then path.failed else r.status = 'failed' end as failed) as state,
        lateral (select state.failed, not state.failed and m.content <> '' as told) as turn
      where path.depth < $3 and path.spent <= path.budget
    )
    select path.place, m.id as "messageId", m.content, m.is_from_user as "isFromUser", path.tokens
    from path join messages m on m.id = path.id where path.told and (path.depth = 1 or path.spent <= path.budget)
    order by path.place, path.depth desc`,
};

/** The path down to each question within its budget, oldest turn first; empty if the room was deleted. */
export async function readTurns(
  db: Connection,
  questions: readonly number[],
  tokenBudgets: readonly number[],
): Promise<StoredTurn[][]> {
  const rows = await db.run(prompt, [questions, tokenBudgets, lookBackMessages]);
  const byPlace = Map.groupBy(rows, ({ place }) => place);
  return questions.map((_, n) => byPlace.get(n + 1) ?? []);
}
