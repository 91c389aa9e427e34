/** Puts files into requests to Gemini: small ones as they are, larger ones by its upload, whose copies it keeps for two days. */
import { hash } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { FileState, GoogleGenAI, type File, type Part } from '@google/genai';
import type { FilePart, FileReading } from '../../ports/model.ts';
import type { ByteRoom } from './byte-room.ts';
import { errorFromAnswer, errorFromThrown } from './gemini-errors.ts';
import { unavailable } from './unavailable.ts';

/** https://ai.google.dev/gemini-api/docs/image-understanding; the second generation and later take no GIF. */
const imageTypes = new Set(['image/jpeg', 'image/png', 'image/webp', 'image/heic', 'image/heif']);
/** Of the third generation, which counts most: https://ai.google.dev/gemini-api/docs/media-resolution. */
const imageTokens = 1120;
const pageTokens = 560;
/** https://ai.google.dev/gemini-api/docs/document-processing. */
const mostPages = 1000;
const mostFileBytes = 50_000_000;
/** Uploads take time, of which a reply has little. */
const mostPromptBytes = 100_000_000;

export function geminiReading(takes: readonly ('image' | 'pdf')[]): FileReading {
  return {
    mostBytes: mostPromptBytes,
    tokensOf({ mediaType, size, pages }) {
      if (size > mostFileBytes) return null;
      if (imageTypes.has(mediaType)) return takes.includes('image') ? imageTokens : null;
      if (mediaType !== 'application/pdf' || !takes.includes('pdf') || pages === null || pages > mostPages) return null;
      return pages * pageTokens;
    },
  };
}

export interface GeminiFilesSettings {
  readonly apiKey: string;
  readonly baseUrl: string;
  readonly room: ByteRoom;
}

export interface PlacedFiles {
  partOf(file: FilePart): Part;
  /** Copies of earlier requests: the vendor may have lost them. */
  readonly reused: readonly FilePart[];
  /** Gives back the memory of files inside the request, which is not needed once the answer begins. */
  release(): void;
}

/** Larger files are uploaded. Base64 and JSON take several times as much memory. */
const mostInlineBytes = 256 * 1024;
const mostInlineTogether = 4 * mostInlineBytes;
/** What is read of a file at a time. */
const pieceBytes = 1024 * 1024;
const requestTimeoutMs = 60_000;
const pollMs = 500;
const mostPolls = 60;
/** A copy that ends sooner is not used again. */
const leastLeftMs = 60 * 60_000;
const lifeMs = 48 * 60 * 60_000;

export function geminiFiles(settings: GeminiFilesSettings) {
  const { apiKey, baseUrl, room } = settings;
  /** Copies belong to the project of a key. */
  const vendor = `gemini:${hash('sha256', `${baseUrl}\n${apiKey}`, 'base64url').slice(0, 16)}`;

  /** Throws ModelError, or the signal's reason. */
  async function place(files: readonly FilePart[], signal: AbortSignal): Promise<PlacedFiles> {
    const parts = new Map<FilePart, Part>();
    const reused: FilePart[] = [];
    const inline = inlineFiles(files);
    for (const file of files) {
      if (inline.includes(file)) continue;
      const known = await file.copies.find(vendor);
      if (known !== null) reused.push(file);
      parts.set(file, known === null ? await upload(file, signal) : linkTo(file, known));
    }
    const bytes = inline.reduce((sum, { size }) => sum + size, 0);
    const release = bytes === 0 ? () => {} : await room.take(bytes, signal);
    try {
      for (const file of inline) parts.set(file, await inlinePart(file, signal));
    } catch (error) {
      release();
      throw error;
    }
    return { partOf: (file) => parts.get(file)!, reused, release };
  }

  async function upload(file: FilePart, signal: AbortSignal): Promise<Part> {
    const release = await room.take(Math.min(file.size, 2 * pieceBytes), signal);
    try {
      const client = new GoogleGenAI({
        apiKey,
        vertexai: false,
        apiVersion: 'v1beta',
        httpOptions: { baseUrl, fetch: uploadFetch(signal) },
      });
      const body = new StoredBlob(file, 0, file.size, signal);
      const sent = await client.files.upload({ file: body, config: { mimeType: file.mediaType } });
      const uri = await activeUri(client, sent, signal);
      const endsAt = Date.parse(sent.expirationTime ?? '') || Date.now() + lifeMs;
      await file.copies.keep(vendor, uri, new Date(endsAt - leastLeftMs));
      return linkTo(file, uri);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof Gone) return goneNote(file);
      throw errorFromThrown(error);
    } finally {
      release();
    }
  }

  return {
    place,
    /** Forgets these copies, so that the next request uploads the files again. */
    async forget(files: readonly FilePart[]): Promise<void> {
      for (const { copies } of files) await copies.forget(vendor);
    },
  };
}

/** The small ones that fit into one request together, the newest first. */
function inlineFiles(files: readonly FilePart[]): FilePart[] {
  let left = mostInlineTogether;
  return files.toReversed().filter(({ size }) => {
    if (size > mostInlineBytes || size > left) return false;
    left -= size;
    return true;
  });
}

async function inlinePart(file: FilePart, signal: AbortSignal): Promise<Part> {
  const bytes = await file.read(0, file.size - 1, signal);
  if (bytes === null) return goneNote(file);
  return { inlineData: { mimeType: file.mediaType, data: bytes.toString('base64') } };
}

const linkTo = ({ mediaType }: FilePart, fileUri: string): Part => ({ fileData: { mimeType: mediaType, fileUri } });
const goneNote = ({ name }: FilePart): Part => ({ text: `[The file "${name}" was deleted.]` });

/** Waits until the vendor has processed it. */
async function activeUri(client: GoogleGenAI, sent: File, signal: AbortSignal): Promise<string> {
  let file = sent;
  for (let polls = 0; file.state === FileState.PROCESSING && polls < mostPolls; polls += 1) {
    await wait(pollMs, undefined, { signal });
    file = await client.files.get({ name: sent.name ?? '' });
  }
  if (file.uri === undefined || (file.state ?? FileState.ACTIVE) !== FileState.ACTIVE) {
    throw unavailable('Gemini did not process an uploaded file');
  }
  return file.uri;
}

class Gone extends Error {
  override readonly name = 'Gone';
}

/** A file of the storage as a Blob whose slices are read while they are sent. */
class StoredBlob extends Blob {
  override readonly size: number;
  readonly #file: FilePart;
  readonly #start: number;
  readonly #end: number;
  readonly #signal: AbortSignal;

  constructor(file: FilePart, start: number, end: number, signal: AbortSignal) {
    super([], { type: file.mediaType });
    this.size = end - start;
    this.#file = file;
    this.#start = start;
    this.#end = end;
    this.#signal = signal;
  }

  override slice(start = 0, end = this.size): StoredBlob {
    return new StoredBlob(this.#file, this.#start + start, this.#start + end, this.#signal);
  }

  /** Throws `Gone`, and what the storage fails with. */
  async *pieces(): AsyncGenerator<Buffer> {
    for (let at = this.#start; at < this.#end; at += pieceBytes) {
      const bytes = await this.#file.read(at, Math.min(at + pieceBytes, this.#end) - 1, this.#signal);
      if (bytes === null) throw new Gone();
      yield bytes;
    }
  }
}

/** Sends slices of stored files, each request within a time, and turns answers other than 2xx into errors. */
function uploadFetch(signal: AbortSignal): typeof fetch {
  return async (input, init) => {
    const { body } = init ?? {};
    let failure: unknown = null;
    /** `fetch` hides what a body fails with. */
    async function* watched(blob: StoredBlob): AsyncGenerator<Buffer> {
      try {
        yield* blob.pieces();
      } catch (error) {
        failure = error;
        throw error;
      }
    }
    const headers = new Headers(init?.headers);
    if (body instanceof StoredBlob) headers.set('content-length', String(body.size));
    const streamed = body instanceof StoredBlob && {
      body: ReadableStream.from(watched(body)),
      duplex: 'half' as const,
    };
    const response = await fetch(input, {
      ...init,
      ...streamed,
      headers,
      // A redirect would carry the key to another host.
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(requestTimeoutMs)]),
    }).catch((error: unknown) => {
      throw failure ?? error;
    });
    if (response.ok) return response;
    const text = await response.text().catch(() => '');
    throw errorFromAnswer(response.status, text, response.headers.get('retry-after'));
  };
}
