/**
 * What of a conversation's files is sent with a question: those of the newest message that has some whole if they fit, older ones
 * by the passages that suit the question best. What the model is not sent, it is told.
 */
import { readPassages } from '../files/text-store.ts';
import { quoteLexeme, termsOf } from '../languages/terms.ts';
import type { Connection } from '../ports/database.ts';
import { ModelError, type FilePart, type FileReading, type TextPart } from '../ports/model.ts';
import type { Storage } from '../ports/storage.ts';
import { findBestPassages, forgetFileCopy, keepFileCopy, readFileCopy, type PathFile } from './file-store.ts';
import { asData, section } from './instructions.ts';
import { bytesPerToken, tokensOf } from './tokens.ts';

export interface FilePlanDeps {
  readonly db: Connection;
  readonly storage: Storage;
}

export interface PlannedFile {
  readonly file: PathFile;
  readonly sent: 'whole' | 'passages' | 'none';
  /** Estimated. */
  readonly tokens: number;
  readonly parts: readonly (TextPart | FilePart)[];
}

export interface FilePlan {
  readonly userId: number;
  /** Those of the newest message first. */
  readonly files: readonly PathFile[];
  /** Passages are chosen for this question. */
  readonly question: string;
  /** For all files, in estimated tokens. */
  readonly budget: number;
  /** Undefined for a model that reads text only. */
  readonly reading: FileReading | undefined;
}

/** Of the budget, for each file that is not of the newest message. */
const olderShare = 1 / 8;
/** Fewer tell nothing. */
const leastTokens = 150;
const mostTerms = 40;

/** In the order of `files`. */
export async function planFiles(deps: FilePlanDeps, plan: FilePlan): Promise<PlannedFile[]> {
  const { files, budget, reading } = plan;
  const newest = files[0]?.depth;
  const terms = queriesOf(plan.question);
  const planned: PlannedFile[] = [];
  let left = budget;
  let leftBytes = reading?.mostBytes ?? 0;
  for (const file of files) {
    const most = file.depth === newest ? left : Math.min(left, Math.floor(budget * olderShare));
    const one =
      wholeFile(deps, file, { reading, most, leftBytes }) ?? (await textOfFile(deps, plan.userId, file, most, terms));
    planned.push(one);
    left = Math.max(0, left - one.tokens);
    if (one.parts.some(({ type }) => type === 'file')) leftBytes -= file.size ?? 0;
  }
  return planned;
}

interface Room {
  readonly reading: FileReading | undefined;
  readonly most: number;
  readonly leftBytes: number;
}

/** As a part that the model reads itself; null if it does not, or it does not fit. */
function wholeFile(deps: FilePlanDeps, file: PathFile, { reading, most, leftBytes }: Room): PlannedFile | null {
  const { id, name, status, mediaType, size, key, pages } = file;
  if (status !== 'ready' || mediaType === null || size === null || key === null) return null;
  const cost = reading?.tokensOf({ mediaType, size, pages }) ?? null;
  const label = note(`The next part is the file ${quoted(name)}.`);
  const tokens = (cost ?? 0) + tokensOf(label.text);
  if (cost === null || tokens > most || size > leftBytes) return null;
  return { file, sent: 'whole', tokens, parts: [label, partOf(deps, { id, name, mediaType, size, key })] };
}

async function textOfFile(
  { db }: FilePlanDeps,
  userId: number,
  file: PathFile,
  most: number,
  terms: readonly string[],
): Promise<PlannedFile> {
  const left = { file, sent: 'none', parts: [], tokens: 0 } as const;
  const reason = whyNoText(file);
  if (reason !== null) return withParts(left, [note(`The file ${quoted(file.name)} ${reason}.`)]);
  const room = (most - leastTokens / 2) * bytesPerToken;
  if (file.textBytes <= room) {
    const passages = await readPassages(db, userId, file.id, file.textBytes);
    return withParts({ ...left, sent: 'whole' }, textParts(file, `The text of ${quoted(file.name)}`, passages));
  }
  if (most < leastTokens) {
    return withParts(left, [
      note(`The file ${quoted(file.name)} is left out, since it is too long for this conversation.`),
    ]);
  }
  const found = terms.length === 0 ? [] : await findBestPassages(db, file.id, terms, room);
  const passages = found.length > 0 ? found : await readPassages(db, userId, file.id, room);
  const what = found.length > 0 ? 'Only the passages that suit the question best' : 'Only the beginning';
  return withParts(
    { ...left, sent: 'passages' },
    textParts(file, `${what} of the text of ${quoted(file.name)}`, passages),
  );
}

/** Null if its text can be sent. */
function whyNoText({ status, textBytes }: PathFile): string | null {
  if (status === 'gone') return 'was deleted';
  if (status === 'failed') return 'could not be read, so you do not know its content';
  if (status === 'processing') return 'is still being read, so you do not know its content yet';
  return textBytes === 0
    ? 'cannot be shown to you: it is of a kind that you do not take, or too large, and has no text'
    : null;
}

interface Piece {
  readonly passage: number;
  readonly page: number | null;
  readonly text: string;
}

/** The text as data, with its pages. */
function textParts(file: PathFile, what: string, passages: readonly Piece[]): TextPart[] {
  let page: number | null = null;
  let last: number | null = null;
  let text = '';
  for (const piece of passages) {
    const isGap = last !== null && piece.passage !== last + 1;
    if (isGap) text += '\n[…]\n';
    if (piece.page !== null && piece.page !== page) text += `${text === '' ? '' : '\n'}[page ${piece.page}]\n`;
    ({ page } = piece);
    last = piece.passage;
    text += piece.text;
  }
  const isPlain = file.mediaType?.startsWith('text/') === true;
  const lacks = isPlain ? '' : ', without its layout and pictures';
  return [note(`${what}${lacks}:`), { type: 'text', text: `${section('file', asData(text))}\n\n` }];
}

function withParts(planned: Omit<PlannedFile, 'parts' | 'tokens'>, parts: readonly TextPart[]): PlannedFile {
  return { ...planned, parts, tokens: parts.reduce((sum, { text }) => sum + tokensOf(text), 0) };
}

const note = (text: string): TextPart => ({ type: 'text', text: `[${text}]\n` });

/** On one line, and unable to end the note. */
const quoted = (name: string) => `"${asData(name).replaceAll(/["[\]]/g, "'")}"`;

/** The terms of a question as queries, each once. */
function queriesOf(question: string): string[] {
  const terms = new Set<string>();
  for (const { text } of termsOf(question)) {
    terms.add(quoteLexeme(text));
    if (terms.size >= mostTerms) break;
  }
  return [...terms];
}

interface Readable {
  readonly id: number;
  readonly name: string;
  readonly mediaType: string;
  readonly size: number;
  readonly key: string;
}

function partOf({ db, storage }: FilePlanDeps, { id, key, ...shown }: Readable): FilePart {
  return {
    type: 'file',
    ...shown,
    async read(start, end, signal) {
      try {
        const stream = await storage.get(key, { start, end });
        if (stream === null) return null;
        const chunks: Buffer[] = [];
        for await (const chunk of stream) {
          chunks.push(chunk as Buffer);
          signal.throwIfAborted();
        }
        return Buffer.concat(chunks);
      } catch (error) {
        signal.throwIfAborted();
        throw new ModelError('model_unavailable', {
          transient: true,
          isRefusal: true,
          message: 'A file could not be read from the storage',
          cause: error,
        });
      }
    },
    copies: {
      find: (vendor) => readFileCopy(db, id, vendor),
      keep: (vendor, uri, until) => keepFileCopy(db, id, { vendor, uri, until }),
      forget: (vendor) => forgetFileCopy(db, id, vendor),
    },
  };
}
