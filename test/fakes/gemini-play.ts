/** Sends an answer with a given behaviour, chunk by chunk, with little CPU per chunk. */
import type { ServerResponse } from 'node:http';
import {
  answerPieces,
  defaultChunks,
  type AnswerBehaviour,
  type AnswerPart,
  type Behaviour,
  type Break,
  type ErrorBehaviour,
} from './gemini-behaviour.ts';
import type { Reported } from './gemini-journal.ts';
import { answerEvent, blockEvent, errorBody, frame, usageOf, type Prompt } from './gemini-wire.ts';

export interface Performance {
  readonly response: ServerResponse;
  /** False for `generateContent`, which is not streamed. */
  readonly streamed: boolean;
  readonly prompt: Prompt;
  readonly onChunk: () => void;
  /** Called when the usage is sent, at the end of the answer; null for a refusal. */
  readonly onReport: (usage: Reported | null) => void;
  /** Called when the fake itself is about to interrupt the answer. */
  readonly onBreak: () => void;
}

export function play(behaviour: Behaviour, performance: Performance): void {
  if (behaviour.kind === 'error') {
    performance.onReport(null);
    return sendError(behaviour, performance.response, performance.streamed);
  }
  if (behaviour.kind === 'block') return sendFrames(performance, [frame(blockEvent(behaviour))], {}, null);
  const parts = behaviour.parts ?? piecesOf(performance.prompt.question, behaviour.chunks);
  const frames = framesFor(performance.prompt, parts, behaviour);
  const broken = behaviour.broken;
  sendFrames(performance, broken ? frames.slice(0, broken.chunks) : frames, behaviour, broken?.how ?? null);
}

/** Google labels errors of a stream as an event stream too, although their body is plain JSON. */
export function sendError(error: ErrorBehaviour, response: ServerResponse, streamed: boolean): void {
  response.writeHead(error.status, {
    'content-type': streamed ? 'text/event-stream' : 'application/json; charset=UTF-8',
    ...(error.retryAfter === undefined ? {} : { 'retry-after': error.retryAfter }),
  });
  response.end(errorBody(error));
}

function piecesOf(question: string, chunks = defaultChunks): AnswerPart[] {
  return answerPieces(question, chunks).map((text) => ({ text }));
}

/** Finish reasons that the vendor sends in the last chunk of text; others come in a separate chunk without content. */
const finishesWithText = new Set(['STOP', 'MAX_TOKENS', 'OTHER']);

function framesFor(prompt: Prompt, parts: readonly AnswerPart[], behaviour: AnswerBehaviour): string[] {
  const { finish = 'STOP', continuationToken: token } = behaviour;
  const joined = finish !== null && finishesWithText.has(finish) && parts.length > 0;
  const plain = joined ? parts.slice(0, -1) : parts;
  const frames = plain.map((part, index) =>
    index === 0 || token !== undefined ? frame(answerEvent(part, { token })) : sharedFrame(part),
  );
  const last = joined ? (parts.at(-1) ?? null) : null;
  if (finish !== null) frames.push(frame(answerEvent(last, { finish, usage: usageOf(prompt, parts), token })));
  return frames;
}

/** All chunks but the first and last are the same for every question, and are serialised once. */
const sharedFrames = new Map<string, string>();

function sharedFrame(part: AnswerPart): string {
  if (part.thought === true || part.text === undefined) return frame(answerEvent(part));
  const known = sharedFrames.get(part.text);
  if (known !== undefined) return known;
  const made = frame(answerEvent(part));
  if (sharedFrames.size < 20_000) sharedFrames.set(part.text, made);
  return made;
}

/** As many headers as the vendor sends, because the SDK copies them for every chunk, which costs CPU. */
const streamHeaders = {
  'content-type': 'text/event-stream',
  'content-disposition': 'attachment',
  vary: 'Origin, X-Origin, Referer',
  server: 'scaffolding on HTTPServer2',
  'x-xss-protection': '0',
  'x-frame-options': 'SAMEORIGIN',
  'x-content-type-options': 'nosniff',
  'server-timing': 'gfet4t7; dur=600',
};

function sendFrames(
  performance: Performance,
  frames: readonly string[],
  { firstDelayMs = 0, delayMs = 0 }: Pick<AnswerBehaviour, 'firstDelayMs' | 'delayMs'>,
  how: Break | null,
): void {
  const { response, streamed, onReport } = performance;
  if (!streamed) return sendWhole(response, frames);
  let sent = 0;
  let timer: NodeJS.Timeout | undefined;
  const step = () => {
    if (sent === 0 && frames.length > 0) response.writeHead(200, streamHeaders);
    const upTo = delayMs === 0 ? frames.length : Math.min(sent + 1, frames.length);
    for (; sent < upTo; sent += 1) {
      response.write(frames[sent]);
      performance.onChunk();
    }
    if (sent < frames.length) timer = setTimeout(step, delayMs);
    else {
      const last = frames.at(-1);
      if (how === null && last !== undefined) reportIn(last, onReport);
      finish(performance, how);
    }
  };
  response.once('close', () => clearTimeout(timer));
  if (firstDelayMs > 0) timer = setTimeout(step, firstDelayMs);
  else step();
}

function reportIn(lastFrame: string, onReport: Performance['onReport']): void {
  const { usageMetadata } = JSON.parse(lastFrame.slice('data: '.length)) as { usageMetadata?: Record<string, number> };
  if (usageMetadata === undefined) return;
  const { promptTokenCount = 0, candidatesTokenCount = 0, thoughtsTokenCount = 0 } = usageMetadata;
  onReport({ prompt: promptTokenCount, answer: candidatesTokenCount + thoughtsTokenCount });
}

function sendWhole(response: ServerResponse, frames: readonly string[]): void {
  const events = frames.map((text) => JSON.parse(text.slice('data: '.length)) as { candidates?: Candidate[] });
  const parts = events.flatMap((event) => event.candidates?.[0]?.content?.parts ?? []);
  const last = events.at(-1) ?? {};
  const candidates = last.candidates?.map((candidate) => ({ ...candidate, content: { parts, role: 'model' } }));
  response.writeHead(200, { 'content-type': 'application/json; charset=UTF-8' });
  response.end(JSON.stringify({ ...last, ...(candidates === undefined ? {} : { candidates }) }));
}

interface Candidate {
  readonly content?: { readonly parts: readonly AnswerPart[] };
}

const overloaded: ErrorBehaviour = { kind: 'error', status: 503, message: 'The model is overloaded.' };

function finish({ response, onBreak }: Performance, how: Break | null): void {
  if (how === 'hang') return;
  if (how === 'malformed') response.write('data: {"candidates": [{"content": {"parts"\r\n\r\n');
  if (how === 'half') response.write('data: {"candidates": [{"content": {"par');
  if (how === 'error') response.write(`data: ${JSON.stringify(JSON.parse(errorBody(overloaded)))}\r\n\r\n`);
  if (how !== 'cut' && how !== 'reset') {
    response.end();
    return;
  }
  onBreak();
  // Flushes before the connection is cut, or the client would receive fewer chunks than requested.
  if (response.headersSent) response.write('', () => breakOff(response, how));
  else breakOff(response, how);
}

function breakOff(response: ServerResponse, how: 'cut' | 'reset'): void {
  if (how === 'reset') response.socket?.resetAndDestroy();
  else response.socket?.destroySoon();
}
