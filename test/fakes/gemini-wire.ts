/** The JSON of Gemini's REST protocol: parses requests, and builds events and errors in Google's format. */
import { type AnswerPart, type BlockBehaviour, type ErrorBehaviour } from './gemini-behaviour.ts';

export interface SentPart {
  readonly text?: string;
  readonly inlineData?: { readonly mimeType: string; readonly data: string };
  readonly fileData?: { readonly mimeType: string; readonly fileUri: string };
}

export interface Content {
  readonly role: 'user' | 'model';
  readonly parts: readonly SentPart[];
}

export interface Prompt {
  readonly contents: readonly Content[];
  readonly system: string | null;
  /** Text of the last user turn. */
  readonly question: string;
  readonly config: Record<string, unknown>;
}

const takenTypes = new Set(['image/png', 'image/jpeg', 'image/webp', 'image/heic', 'image/heif', 'application/pdf']);
/** Whatever a file holds. */
const fileTokens = 258;

const knownFields = new Set([
  'contents',
  'systemInstruction',
  'generationConfig',
  'safetySettings',
  'tools',
  'toolConfig',
  'cachedContent',
]);

/** Parses a request body, or returns the fault in Google's words. */
export function readPrompt(body: string): Prompt | ErrorBehaviour {
  let json: Record<string, unknown>;
  try {
    json = JSON.parse(body) as Record<string, unknown>;
  } catch {
    return invalid('Invalid JSON payload received.');
  }
  const unknown = Object.keys(json).find((field) => !knownFields.has(field));
  if (unknown !== undefined) return invalid(`Invalid JSON payload received. Unknown name "${unknown}".`);
  const contents = json.contents as readonly Content[];
  if (!Array.isArray(contents) || contents.length === 0) return invalid('* contents is not specified');
  for (const [index, content] of contents.entries()) {
    const problem = contentProblem(content);
    if (problem !== null) return invalid(`* GenerateContentRequest.contents[${index}]: ${problem}`);
  }
  const last = contents.at(-1);
  if (last?.role !== 'user') return invalid('Please ensure that multiturn requests end with a user role.');
  return {
    contents,
    system: textOf(json.systemInstruction as Content | undefined) || null,
    question: textOf(last),
    config: (json.generationConfig ?? {}) as Record<string, unknown>,
  };
}

function contentProblem({ role, parts }: Content): string | null {
  if (role !== 'user' && role !== 'model') return 'Please use a valid role: user, model.';
  if (!Array.isArray(parts) || parts.length === 0) return 'contents.parts must not be empty.';
  const empty = (parts as Content['parts']).some((part) => Object.keys(part).length !== 1 || part.text === '');
  if (empty) return 'parts must have one initialized field.';
  const types = (parts as Content['parts']).flatMap(
    ({ inlineData, fileData }) => inlineData?.mimeType ?? fileData?.mimeType ?? [],
  );
  return types.every((type) => takenTypes.has(type)) ? null : 'Unsupported MIME type.';
}

function textOf(content: Content | undefined): string {
  return content?.parts.map((part) => part.text ?? '').join('') ?? '';
}

function invalid(message: string): ErrorBehaviour {
  return { kind: 'error', status: 400, message };
}

const envelope = { modelVersion: 'fake', responseId: 'fake-response' };

/** One chunk of an answer; `finish` and `usage` are in the last one. */
export function answerEvent(
  part: AnswerPart | null,
  { finish = null, usage = null, token }: { finish?: string | null; usage?: object | null; token?: string } = {},
): object {
  return {
    candidates: [
      {
        ...(part === null ? {} : { content: { parts: [part], role: 'model' } }),
        ...(finish === null ? {} : { finishReason: finish }),
        ...(token === undefined ? {} : { continuationToken: token }),
        index: 0,
      },
    ],
    ...(usage === null ? {} : { usageMetadata: usage }),
    ...envelope,
  };
}

export function blockEvent({ reason }: BlockBehaviour): object {
  return { promptFeedback: { blockReason: reason }, usageMetadata: { promptTokenCount: 1 }, ...envelope };
}

export function usageOf(prompt: Prompt, parts: readonly AnswerPart[]): object {
  const files = prompt.contents.flatMap(({ parts }) => parts.filter(({ text }) => text === undefined)).length;
  const promptTokenCount = tokens([...prompt.contents.map(textOf), prompt.system ?? '']) + files * fileTokens;
  const thoughtsTokenCount = tokens(parts.filter((part) => part.thought).map((part) => part.text ?? ''));
  const candidatesTokenCount = tokens(parts.filter((part) => !part.thought).map((part) => part.text ?? ''));
  return {
    promptTokenCount,
    candidatesTokenCount,
    ...(thoughtsTokenCount === 0 ? {} : { thoughtsTokenCount }),
    totalTokenCount: promptTokenCount + candidatesTokenCount + thoughtsTokenCount,
  };
}

function tokens(texts: readonly string[]): number {
  return Math.ceil(texts.reduce((sum, text) => sum + text.length, 0) / 4);
}

/** An event of the stream; the vendor ends its events with CR LF CR LF. */
export function frame(event: object): string {
  return `data: ${JSON.stringify(event)}\r\n\r\n`;
}

const words: Record<number, string> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
};

/** Google's error JSON (google.rpc.Status). */
export function errorBody(error: ErrorBehaviour): string {
  if (error.rawBody !== undefined) return error.rawBody;
  const details: object[] = [];
  if (error.reason !== undefined) details.push(detail('ErrorInfo', { reason: error.reason, domain: 'googleapis.com' }));
  if (error.quotaId !== undefined) details.push(detail('QuotaFailure', { violations: [{ quotaId: error.quotaId }] }));
  if (error.retryDelaySeconds !== undefined) {
    details.push(detail('RetryInfo', { retryDelay: `${error.retryDelaySeconds}s` }));
  }
  const { status, message = `The fake was told to answer ${status}.` } = error;
  const body = { code: status, message, status: words[status] ?? 'UNKNOWN', details };
  return JSON.stringify({ error: body }, null, 2);
}

function detail(type: string, fields: object): object {
  return { '@type': `type.googleapis.com/google.rpc.${type}`, ...fields };
}
