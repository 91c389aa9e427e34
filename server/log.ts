/** Structured logs: pretty in a terminal, JSON elsewhere, and never a secret, number or text of a person. */
import { createRequire } from 'node:module';
import { pino, type Logger } from 'pino';
import type { Config } from './config.ts';

export function createLog({ logLevel, role }: Pick<Config, 'logLevel' | 'role'>): Logger {
  const options = {
    level: logLevel,
    base: { pid: process.pid, role },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: describeError, error: describeError },
  };
  if (!process.stdout.isTTY) return pino(options);
  // Servers that write JSON do without it.
  const pretty = createRequire(import.meta.url)('pino-pretty') as typeof import('pino-pretty');
  return pino(
    options,
    pretty({ colorize: true, singleLine: true, ignore: 'pid,role,reqId', translateTime: 'SYS:HH:MM:ss' }),
  );
}

/**
 * What of an error may be logged. Database drivers put parameters into messages and details (phone numbers, hashes,
 * text of messages), so of their errors only the SQLSTATE, the constraint and the stack's frames are kept.
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
