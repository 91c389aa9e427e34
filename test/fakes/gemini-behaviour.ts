/** Behaviours of the fake Gemini, as plain data, and the text of its answers. */

export interface AnswerPart {
  readonly text?: string;
  readonly thought?: true;
}

/**
 * How an answer is interrupted: `end` closes the stream properly but unfinished, `cut` closes the connection, `reset`
 * resets it (RST), `hang` goes silent, `malformed` sends an event that is not JSON, `half` ends inside an event, `error`
 * sends a 503 as an event.
 */
const breaks = ['end', 'cut', 'reset', 'hang', 'malformed', 'half', 'error'] as const;
export type Break = (typeof breaks)[number];

export interface AnswerBehaviour {
  readonly kind: 'answer';
  /** The exact parts, one in each chunk, instead of the text of `answerPieces`. */
  readonly parts?: readonly AnswerPart[];
  /** Number of chunks, 8 by default. */
  readonly chunks?: number;
  readonly firstDelayMs?: number;
  readonly delayMs?: number;
  /** `STOP` by default; null sends none. */
  readonly finish?: string | null;
  /** Sets, in every chunk, the flag with which the SDK requests the rest automatically. */
  readonly continuationToken?: string;
  /** Interrupts the answer after `chunks` chunks; before the headers when 0. */
  readonly broken?: { readonly chunks: number; readonly how: Break };
}

export interface ErrorBehaviour {
  readonly kind: 'error';
  readonly status: number;
  /** `google.rpc.ErrorInfo.reason`, such as `API_KEY_INVALID`. */
  readonly reason?: string;
  readonly message?: string;
  /** Seconds, sent as `google.rpc.RetryInfo`. */
  readonly retryDelaySeconds?: number;
  /** Sent as the `retry-after` header. */
  readonly retryAfter?: string;
  readonly quotaId?: string;
  /** Sent unchanged instead of Google's error JSON. */
  readonly rawBody?: string;
}

/** The prompt is blocked: a 200 without candidates. */
export interface BlockBehaviour {
  readonly kind: 'block';
  readonly reason: string;
}

export type Behaviour = AnswerBehaviour | ErrorBehaviour | BlockBehaviour;

export const defaultChunks = 8;

const fillers = [
  'the answer goes on a little further',
  'and a second thought is added to it',
  'with a reason that one can check',
  'an example that makes it plain',
  'and a word on where it does not hold',
];

/** The text of each chunk of the normal answer, the same for the same question. */
export function answerPieces(question: string, chunks = defaultChunks): string[] {
  const pieces = [`Answer to "${quote(question)}":`];
  for (let index = 1; index < chunks; index += 1) pieces.push(` [${index}] ${fillers[index % fillers.length]},`);
  return pieces;
}

/** The whole normal answer, for comparison. */
export function answerText(question: string, chunks = defaultChunks): string {
  return answerPieces(question, chunks).join('');
}

function quote(question: string): string {
  const plain = question.replaceAll(sentinelPattern, ' ').replaceAll(/\s+/g, ' ').trim();
  return plain.length <= 120 ? plain : `${plain.slice(0, 120).toWellFormed()}…`;
}

/** `[[name]]`, `[[name:arg]]`, `[[name:arg:arg]]`; with a trailing `xN`, only the first N times that this text is asked. */
const sentinelPattern = /\[\[([a-z]+)((?::[A-Z_\d.]+)*)(?:x(\d+))?\]\]/g;

type Change = Partial<AnswerBehaviour> | ErrorBehaviour | BlockBehaviour;

const sentinels: Record<string, (args: readonly string[]) => Change> = {
  fail: ([status = '503', seconds]) => ({
    kind: 'error',
    status: Number(status),
    ...(seconds === undefined ? {} : { retryDelaySeconds: Number(seconds) }),
  }),
  badkey: () => ({ kind: 'error', status: 400, reason: 'API_KEY_INVALID' }),
  block: ([reason = 'PROHIBITED_CONTENT']) => ({ kind: 'block', reason }),
  chunks: ([count = '8']) => ({ chunks: Number(count) }),
  delay: ([ms = '20']) => ({ delayMs: Number(ms) }),
  first: ([ms = '1000']) => ({ firstDelayMs: Number(ms) }),
  drip: ([ms = '500']) => ({ chunks: 10_000, delayMs: Number(ms) }),
  finish: ([reason = 'STOP']) => ({ finish: reason }),
  empty: () => ({ parts: [] }),
  thinking: () => ({ parts: [{ text: 'Let me think.', thought: true }, { text: 'Thought ' }, { text: 'over.' }] }),
  surrogates: () => ({ parts: [{ text: 'grin \ud83d' }, { text: '\ude00 done' }] }),
  nul: () => ({ parts: [{ text: 'a\0b' }, { text: '\0' }, { text: 'c' }] }),
  ...Object.fromEntries(
    breaks.map((how) => [how, ([chunks = '0']: readonly string[]) => ({ broken: { chunks: Number(chunks), how } })]),
  ),
};

/**
 * The behaviour that the sentinels of a question request the n-th time (from 1), based on `usual`. For example `[[fail:503x2]]`,
 * `[[fail:429:13x1]]` (RetryInfo 13 s), `[[first:5000]]`, `[[chunks:200]][[delay:50]][[cut:3x1]]`.
 */
export function behaviourFor(question: string, asking: number, usual: Behaviour): Behaviour {
  let behaviour = usual;
  for (const [, name = '', args = '', times] of question.matchAll(sentinelPattern)) {
    const change = sentinels[name]?.(args.split(':').slice(1));
    if (change === undefined || asking > Number(times ?? Infinity)) continue;
    if (change.kind === 'error' || change.kind === 'block') return change;
    behaviour = { ...(behaviour.kind === 'answer' ? behaviour : {}), ...change, kind: 'answer' };
  }
  return behaviour;
}
