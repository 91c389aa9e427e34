/** One streamed request to a vendor, read to its end: each chunk within a time, and the connection closed however it ends. */
import { ModelError, type ModelPart } from '../../ports/model.ts';
import { unavailable } from './unavailable.ts';

type Counted = Extract<ModelPart, { type: 'usage' }>;
type Ended = Extract<ModelPart, { type: 'end' }>;

/** Reads the chunks of one answer. */
export interface AnswerReader<Chunk> {
  /** Returns the text of a chunk, which may be empty, without the model's thinking. Throws ModelError if it is not an answer. */
  take(chunk: Chunk): string;
  /** The usage in the last chunk; null if it had none. */
  counted(): Counted | null;
  /** Throws ModelError if the last chunk ended an answer that cannot be kept. */
  check(): void;
  /** True once a finish reason was received. */
  finished(): boolean;
  /** Returns held text. */
  flush(): string;
  /** The verdict on the whole answer after the stream ended. Throws ModelError if it cannot be kept. */
  end(): Ended;
}

export interface Timeouts {
  /** From the request to the first chunk: a model may think, or be loaded, before it. */
  readonly firstByteTimeoutMs: number;
  /** Between two chunks. */
  readonly idleTimeoutMs: number;
}

/** From the finish reason to the end of the stream. */
const endTimeoutMs = 2000;

/** The parts of an answer, as `Model.stream` promises them. */
export async function* streamAnswer<Chunk>(
  options: RequestOptions<Chunk>,
  answer: AnswerReader<Chunk>,
  { firstByteTimeoutMs, idleTimeoutMs }: Timeouts,
  signal: AbortSignal,
): AsyncGenerator<ModelPart> {
  const request = timedRequest(options, () => answer.finished(), signal);
  try {
    let chunk = await request.next(firstByteTimeoutMs);
    while (chunk !== null) {
      const text = answer.take(chunk);
      if (text !== '') yield { type: 'text', text };
      const counted = answer.counted();
      if (counted !== null) yield counted;
      answer.check();
      chunk = await request.next(answer.finished() ? endTimeoutMs : idleTimeoutMs);
    }
    const rest = answer.flush();
    if (rest !== '') yield { type: 'text', text: rest };
    yield answer.end();
  } finally {
    request.close();
  }
}

interface TimedRequest<Chunk> {
  /** Returns the next chunk, null at the end. Throws ModelError, or the signal's reason if aborted. */
  next(limitMs: number): Promise<Chunk | null>;
  /** Closes the connection unless the stream ended. */
  close(): void;
}

export interface RequestOptions<Chunk> {
  /** Sends the request. */
  open(signal: AbortSignal): Promise<AsyncIterator<Chunk>>;
  /** Translates an error of the SDK or the network. */
  errorOf(thrown: unknown): ModelError;
  /** For messages. */
  readonly vendor: string;
}

/** Once `isComplete`, a connection that fails ends the answer. */
function timedRequest<Chunk>(
  options: RequestOptions<Chunk>,
  isComplete: () => boolean,
  signal: AbortSignal,
): TimedRequest<Chunk> {
  // Leaving an SDK's iterator does not close the connection; only aborting the request does.
  const request = new AbortController();
  const abort = () => request.abort();
  signal.addEventListener('abort', abort);
  let chunks: AsyncIterator<Chunk> | null = null;
  let done = false;

  async function pull(): Promise<Chunk | null> {
    chunks ??= await options.open(request.signal);
    const { value, done: last } = await chunks.next();
    done = last === true;
    return done ? null : (value as Chunk);
  }

  /** Translates only errors of SDK and network; one thrown while reading a chunk would be our bug. */
  async function pullInTime(limitMs: number): Promise<Chunk | null> {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      request.abort();
    }, limitMs);
    try {
      const chunk = await pull();
      // The SDK of OpenAI ends an aborted stream as if it were whole.
      if (chunk === null && late) throw new Error('aborted');
      return chunk;
    } catch (error) {
      signal.throwIfAborted();
      if (isComplete() && !(error instanceof ModelError)) return null;
      throw late ? unavailable(`${options.vendor} was silent for ${limitMs} ms`) : options.errorOf(error);
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    async next(limitMs) {
      signal.throwIfAborted();
      const chunk = await pullInTime(limitMs);
      signal.throwIfAborted();
      return chunk;
    },
    close() {
      signal.removeEventListener('abort', abort);
      if (!done) request.abort();
    },
  };
}
