/** Structured logs: pretty in a terminal, JSON elsewhere. Never secrets, phone numbers or message text. */
import { createRequire } from 'node:module';
import { pino, type Logger } from 'pino';
import type { Config } from '../config/config.ts';

export function createLog({ logLevel, role }: Pick<Config, 'logLevel' | 'role'>): Logger {
  const options = {
    level: logLevel,
    base: { pid: process.pid, role },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: describeError, error: describeError },
  };
  if (!process.stdout.isTTY) return pino(options);
  // Loaded only for terminals.
  const pretty = createRequire(import.meta.url)('pino-pretty') as typeof import('pino-pretty');
  return pino(
    options,
    pretty({ colorize: true, singleLine: true, ignore: 'pid,role,reqId', translateTime: 'SYS:HH:MM:ss' }),
  );
}

/**
 * Serialises an error for the log. Database drivers put parameters (phone numbers, hashes, message text) into messages and
 * details, so only the SQLSTATE, the constraint and the stack frames of their errors are kept.
 */
export function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return { type: typeof error };
  const fields = error as Error & { code?: unknown; constraint?: unknown; status?: unknown };
  const fromDatabase = 'params' in error || 'severity' in error;
  return {
    type: error.name,
    message: fromDatabase ? 'database error' : error.message,
    code: fields.code,
    status: fields.status,
    constraint: fields.constraint,
    stack: error.stack
      ?.split('\n')
      .filter((line) => line.trimStart().startsWith('at '))
      .join('\n'),
    cause: error.cause === undefined ? undefined : describeError(error.cause),
  };
}
