/** What a fake Gemini was asked and how each answer ended. */
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
  /** Which asking of this question it is, from 1. */
  readonly asking: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  chunksSent: number;
  /** Null while the answer goes on. */
  endedAt: number | null;
  /** True when the client closed the connection before the answer was whole. */
  closedByClient: boolean;
}

export interface FakeGeminiStats {
  readonly requests: number;
  /** Answers going on now. */
  readonly open: number;
  readonly closedByClient: number;
  /** TCP connections taken since the start. */
  readonly connections: number;
}

export interface Journal {
  /** Records a request; `onBreak` says that the fake itself is about to break its answer off. */
  begin(asked: AskedRequest, response: ServerResponse): { record: RecordedRequest; onBreak: () => void };
  onConnection(): void;
  requests(): readonly RecordedRequest[];
  stats(): FakeGeminiStats;
  /** Forgets the requests and how often each question was asked. */
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
    const progress = { chunksSent: 0, endedAt: null, closedByClient: false };
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
