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
  /** Estimated, not corrected; without its files. */
  readonly tokens: number;
  /** Its files; null for none. */
  readonly attachments: readonly { readonly id: number; readonly name: string }[] | null;
}

export interface Summary {
  readonly text: string;
  readonly upToMessageId: number;
}

/** A path, from its newest summary, as far as it fits. */
export interface StoredPath {
  /** Tokens that the vendor counted for the prompt of the newest reply that has a count, divided by our estimate; bounded. */
  readonly factor: number;
  /** What comes before the oldest turn that was considered; null if there is none. */
  readonly summary: Summary | null;
  /** Oldest first. */
  readonly turns: readonly StoredTurn[];
  /** Of the turns that were considered, at most twice the budget: how many, and their tokens, not corrected. */
  readonly considered: { readonly messages: number; readonly tokens: number };
}

/** A turn, or first the summary before them; the rest is the same in all rows of a path. */
interface PathRow extends StoredTurn {
  readonly place: number;
  readonly factor: number | null;
  readonly total: number;
  readonly messages: number;
  readonly summarised: boolean;
}

/**
 * Values: last messages, the token budget of each, message limit. Walked up from each message to the newest summary, at most as
 * far as twice the budget. Left out are turns whose reply failed, and replies without text. Once the budget is spent, all that
 * is older is left out; a question that comes last is not.
 */
const prompt: Statement<PathRow> = {
  name: 'reply_prompt',
  text: `with recursive path as (
      select place, budget, 0 as depth, null::bigint as id, last as parent_id, false as failed, false as told, 0 as tokens,
        0 as spent, null::float8 as factor, false as summarised
      from unnest($1::bigint[], $2::int[]) with ordinality as asked (last, budget, place)
      union all
      select path.place, path.budget, path.depth + 1, m.id, m.parent_id, turn.failed, turn.told, ${tokens},
        path.spent + case when turn.told then ${tokens} else 0 end, coalesce(path.factor, ${factor}), s.message_id is not null
      from path join messages m on m.id = path.parent_id left join replies r on r.message_id = m.id
        left join summaries s on s.message_id = m.id,
        lateral (select case when m.is_from_user then path.failed else r.status = 'failed' end as failed) as state,
        lateral (
          select state.failed, not state.failed and (m.content <> '' or m.attachments is not null) and s.message_id is null as told
        ) as turn
      where path.depth < $3 and not path.summarised and path.spent * coalesce(path.factor, 1) <= 2 * path.budget
    ), whole as (
      select *, max(factor) over each as last_factor, max(spent) over each as total,
        count(*) filter (where told) over each as messages
      from path window each as (partition by place)
    )
    select w.place, w.last_factor as factor, w.total::int, w.messages::int, w.summarised, m.id as "messageId",
      case when w.summarised then s.content else m.content end as content, m.is_from_user as "isFromUser", w.tokens, m.attachments
    from whole w join messages m on m.id = w.id left join summaries s on s.message_id = m.id
    where w.summarised
      or w.told and (w.spent * coalesce(w.last_factor, 1) <= w.budget or w.depth = 1 and m.is_from_user)
    order by w.place, w.depth desc`,
};

/** The path down to each message within its budget; empty for null, and if the room was deleted. */
export async function readPaths(
  db: Connection,
  lastMessages: readonly (number | null)[],
  tokenBudgets: readonly number[],
): Promise<StoredPath[]> {
  const rows = await db.run(prompt, [lastMessages, tokenBudgets, lookBackMessages]);
  const byPlace = Map.groupBy(rows, ({ place }) => place);
  return lastMessages.map((_, n) => pathOf(byPlace.get(n + 1) ?? []));
}

function pathOf(rows: readonly PathRow[]): StoredPath {
  const [first] = rows;
  const { factor = 1, total = 0, messages = 0 } = first ?? {};
  const summary = first?.summarised ? { text: first.content, upToMessageId: first.messageId } : null;
  const turns = rows.slice(summary === null ? 0 : 1);
  return { factor: factor ?? 1, summary, turns, considered: { messages, tokens: total } };
}
