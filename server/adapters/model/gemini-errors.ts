/**
 * Maps Gemini's failures to ModelError. Messages hold only the vendor's codes: its sentences may quote the user's text or
 * the key, so neither they nor the cause are kept.
 */
import { ApiError, FinishReason } from '@google/genai';
import { ModelError } from '../../ports/model.ts';
import { readRetryAfter, safeWord, unavailable } from './unavailable.ts';

/** Statuses and details: https://ai.google.dev/gemini-api/docs/troubleshooting and google/rpc/error_details.proto. */
interface VendorError {
  /** Such as RESOURCE_EXHAUSTED. */
  readonly status: string | null;
  readonly reasons: readonly string[];
  /** Exhausted quotas and refused fields. */
  readonly places: readonly string[];
  readonly keyRefused: boolean;
  readonly retryDelayMs: number | null;
}

/** The error for an answer other than 2xx. `retryAfter` is the header's value. */
export function errorFromAnswer(status: number, body: string, retryAfter: string | null): ModelError {
  const vendor = readVendorError(body);
  const { code, transient } = verdict(status, vendor);
  return new ModelError(code, {
    transient,
    retryAfterMs: transient ? (vendor.retryDelayMs ?? readRetryAfter(retryAfter)) : null,
    isRefusal: true,
    message: ['Gemini answered', status, vendor.status, ...vendor.reasons, ...vendor.places].filter(Boolean).join(' '),
  });
}

function verdict(status: number, vendor: VendorError): Pick<ModelError, 'code' | 'transient'> {
  if (status === 408 || status === 429) return { code: 'model_overloaded', transient: true };
  if (status < 400 || status >= 500) return { code: 'model_unavailable', transient: true };
  if (status === 404) return { code: 'model_not_found', transient: false };
  // FAILED_PRECONDITION: the account's country or billing, which fails every question.
  const ours = [401, 403].includes(status) || vendor.keyRefused || vendor.status === 'FAILED_PRECONDITION';
  return { code: ours ? 'model_misconfigured' : 'request_refused', transient: false };
}

/** The error for anything that the SDK or the network threw. */
export function errorFromThrown(thrown: unknown): ModelError {
  if (thrown instanceof ModelError) return thrown;
  // An error sent as an event of the stream: the SDK's message holds its JSON after a prefix.
  if (thrown instanceof ApiError) {
    return errorFromAnswer(thrown.status, thrown.message.slice(thrown.message.indexOf('{')), null);
  }
  if (thrown instanceof TypeError && thrown.cause !== undefined) {
    const code = safeWord((thrown.cause as { code?: unknown }).code, /^[A-Z][A-Z0-9_]{2,40}$/);
    return unavailable(`The connection to Gemini failed${code === null ? '' : ` (${code})`}`);
  }
  return unavailable('Gemini sent something that is no answer');
}

export function safetyBlocked(reason: string): ModelError {
  const word = safeWord(reason, /^[A-Z_]{1,60}$/) ?? 'an unknown reason';
  return new ModelError('safety_blocked', { transient: false, message: `Gemini blocked the answer: ${word}` });
}

export function emptyAnswer(): ModelError {
  return new ModelError('empty_answer', { transient: true, message: 'Gemini answered without any text' });
}

const blocking: ReadonlySet<string> = new Set([
  FinishReason.SAFETY,
  FinishReason.RECITATION,
  FinishReason.BLOCKLIST,
  FinishReason.PROHIBITED_CONTENT,
  FinishReason.SPII,
  FinishReason.IMAGE_SAFETY,
  FinishReason.IMAGE_PROHIBITED_CONTENT,
  FinishReason.IMAGE_RECITATION,
]);

const botched: ReadonlySet<string> = new Set([
  FinishReason.MALFORMED_FUNCTION_CALL,
  FinishReason.UNEXPECTED_TOOL_CALL,
  FinishReason.TOO_MANY_TOOL_CALLS,
  FinishReason.MALFORMED_RESPONSE,
]);

/** The error for a finish reason; null if the text can be kept. */
export function errorFromFinish(reason: string): ModelError | null {
  if (blocking.has(reason)) return safetyBlocked(reason);
  if (botched.has(reason)) return unavailable(`Gemini botched the answer: ${reason}`);
  return null;
}

interface Detail {
  readonly reason?: unknown;
  readonly retryDelay?: unknown;
  readonly violations?: readonly { readonly quotaId?: unknown }[];
  readonly fieldViolations?: readonly { readonly field?: unknown }[];
}

function readVendorError(body: string): VendorError {
  const error = parseError(body);
  const details = (Array.isArray(error.details) ? error.details : []).filter(isObject) as Detail[];
  const reasons = safeWords(
    details.map((detail) => detail.reason),
    /^[A-Z][A-Z0-9_]{2,62}$/,
  );
  const violations = details.flatMap((detail) => [...list(detail.violations), ...list(detail.fieldViolations)]);
  return {
    status: safeWord(error.status, /^[A-Z_]{2,40}$/),
    reasons,
    places: safeWords(
      violations.map((violation) => violation.quotaId ?? violation.field),
      /^[A-Za-z0-9_.[\]-]{1,100}$/,
    ),
    keyRefused: reasons.includes('API_KEY_INVALID') || /\bAPI key\b/i.test(String(error.message)),
    retryDelayMs: details.map((detail) => readDuration(detail.retryDelay)).find((ms) => ms !== null) ?? null,
  };
}

/** The `error` member; some of Google's front ends wrap the body in a list. */
function parseError(body: string): Record<string, unknown> {
  try {
    const json: unknown = JSON.parse(body);
    const whole: unknown = Array.isArray(json) ? json[0] : json;
    const error = isObject(whole) ? whole.error : null;
    return isObject(error) ? error : {};
  } catch {
    return {};
  }
}

/** A protobuf duration in JSON, `13s` or `7.25s`, in milliseconds. */
function readDuration(value: unknown): number | null {
  const seconds = /^(\d{1,9}(?:\.\d+)?)s$/.exec(String(value))?.[1];
  return seconds === undefined ? null : Math.ceil(Number(seconds) * 1000);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function list(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function safeWords(values: readonly unknown[], pattern: RegExp): string[] {
  return values.map((value) => safeWord(value, pattern)).filter((word) => word !== null);
}
