/** SQL that reads a path for the model, cut to the token budget in the database. */
import type { Connection, Statement } from '../ports/database.ts';
import { bytesPerToken, leastFactor, mostFactor, steadyTokens, tokensPerTurn } from './tokens.ts';

/** Limit of messages considered. */
const lookBackMessages = 200;
/** The longest question: 32,000 characters. A question is always sent, regardless of the budget. */
const longestQuestionBytes = 4 * 32_000;

/** The largest text of a prompt, in UTF-8. */
export function largestPromptBytes(tokenBudget: number): number {
  return (tokenBudget * bytesPerToken) / leastFactor + longestQuestionBytes;
}

/** Like `tokensOf`, and a turn's own. `octet_length` needs no decompression of stored text. */
const tokens = `(octet_length(m.content) + ${bytesPerToken - 1}) / ${bytesPerToken} + ${tokensPerTurn}`;

const ratio = `(r.prompt_tokens + ${steadyTokens}.0) / (r.prompt_estimate + ${steadyTokens})`;
const factor = `case when r.prompt_tokens is not null then
          greatest(${leastFactor}, least(${mostFactor}, ${ratio}))::float8 end`;

export interface StoredTurn {
  readonly messageId: number;
  readonly isFromUser: boolean;
  readonly content: string;
  /** Estimated, not corrected. */
  readonly tokens: number;
}

/** A path, as far as it fits. */
export interface StoredPath {
  /** Tokens that the vendor counted for the prompt of the newest reply that has a count, divided by our estimate; bounded. */
  readonly factor: number;
  /** Oldest first. */
  readonly turns: readonly StoredTurn[];
}

/**
 * Values: last messages, the token budget of each, message limit. Walked up from each message. Left out are turns whose reply
 * failed, and replies without text. Once the budget is spent, all that is older is left out; a question that comes last is not.
 */
const prompt: Statement<StoredTurn & { place: number; factor: number | null }> = {
  name: 'reply_prompt',
  text: `with recursive path as (
      select place, budget, 0 as depth, null::bigint as id, last as parent_id, false as failed, false as told, 0 as tokens,
        0 as spent, null::float8 as factor
      from unnest($1::bigint[], $2::int[]) with ordinality as asked (last, budget, place)
      union all
      select path.place, path.budget, path.depth + 1, m.id, m.parent_id, turn.failed, turn.told, ${tokens},
        path.spent + case when turn.told then ${tokens} else 0 end, coalesce(path.factor, ${factor})
      from path join messages m on m.id = path.parent_id left join replies r on r.message_id = m.id,
        lateral (select case when m.is_from_user then path.failed else r.status = 'failed' end as failed) as state,
        lateral (select state.failed, not state.failed and m.content <> '' as told) as turn
      where path.depth < $3 and path.spent * coalesce(path.factor, 1) <= path.budget
    ), corrected as (
      select *, max(factor) over (partition by place) as last_factor from path
    )
    select c.place, c.last_factor as factor, m.id as "messageId", m.content, m.is_from_user as "isFromUser", c.tokens
    from corrected c join messages m on m.id = c.id
    where c.told and (c.spent * coalesce(c.last_factor, 1) <= c.budget or c.depth = 1 and m.is_from_user)
    order by c.place, c.depth desc`,
};

/** The path down to each message within its budget; empty for null, and if the room was deleted. */
export async function readPaths(
  db: Connection,
  lastMessages: readonly (number | null)[],
  tokenBudgets: readonly number[],
): Promise<StoredPath[]> {
  const rows = await db.run(prompt, [lastMessages, tokenBudgets, lookBackMessages]);
  const byPlace = Map.groupBy(rows, ({ place }) => place);
  return lastMessages.map((_, n) => {
    const turns = byPlace.get(n + 1) ?? [];
    return { factor: turns[0]?.factor ?? 1, turns };
  });
}
