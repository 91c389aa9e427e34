/** Records the requests of a fake Gemini and how each answer ended. */
import type { ServerResponse } from 'node:http';
import type { Content } from './gemini-wire.ts';

interface AskedRequest {
  readonly path: string;
  readonly model: string;
  readonly keyPresent: boolean;
  readonly contents: readonly Content[];
  readonly system: string | null;
  /** The request's `generationConfig`. */
  readonly config: Record<string, unknown>;
  /** Text of the last user turn. */
  readonly question: string;
}

export interface RecordedRequest extends AskedRequest {
  /** How many times this question has been asked, including this one. */
  readonly asking: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  chunksSent: number;
  /** The usage that was sent with the end of the answer; null while none was. */
  reported: Reported | null;
  /** It was refused with an error. */
  refused: boolean;
  /** Null while the answer is being sent. */
  endedAt: number | null;
  /** True when the client closed the connection before the end of the answer. */
  closedByClient: boolean;
}

/** Tokens as billed: thinking is part of the answer. */
export interface Reported {
  readonly prompt: number;
  readonly answer: number;
}

export interface FakeGeminiStats {
  readonly requests: number;
  /** Number of answers being sent. */
  readonly open: number;
  readonly closedByClient: number;
  /** Number of TCP connections accepted. */
  readonly connections: number;
}

export interface Journal {
  /** Records a request; call `onBreak` when the fake itself is about to interrupt the answer. */
  begin(asked: AskedRequest, response: ServerResponse): { record: RecordedRequest; onBreak: () => void };
  onConnection(): void;
  requests(): readonly RecordedRequest[];
  stats(): FakeGeminiStats;
  /** Deletes the requests and the counts of each question. */
  clear(): void;
}

/** Keeps the newest `keep` requests. */
export function openJournal(keep: number): Journal {
  let records: RecordedRequest[] = [];
  const askings = new Map<string, number>();
  const counts = { requests: 0, open: 0, closedByClient: 0, connections: 0 };

  function begin(asked: AskedRequest, response: ServerResponse) {
    const asking = (askings.get(asked.question) ?? 0) + 1;
    askings.set(asked.question, asking);
    const progress = { chunksSent: 0, reported: null, refused: false, endedAt: null, closedByClient: false };
    const record: RecordedRequest = { ...asked, asking, at: Date.now(), ...progress };
    if (records.length >= keep * 2) records = records.slice(-keep);
    records.push(record);
    counts.requests += 1;
    counts.open += 1;
    let brokenByUs = false;
    response.once('close', () => {
      counts.open -= 1;
      record.endedAt = Date.now();
      record.closedByClient = !response.writableFinished && !brokenByUs;
      if (record.closedByClient) counts.closedByClient += 1;
    });
    const onBreak = () => {
      brokenByUs = true;
    };
    return { record, onBreak };
  }

  return {
    begin,
    onConnection: () => {
      counts.connections += 1;
    },
    requests: () => records.slice(-keep),
    stats: () => ({ ...counts }),
    clear: () => {
      records = [];
      askings.clear();
    },
  };
}
