/** Reads the frames of a WebSocket client: JSON objects with a `type`, at a bounded rate. */
import type { WebSocket } from 'ws';
import type { Static, TObject } from 'typebox';
import { compileCheck } from './validation.ts';

type Schemas = Readonly<Record<string, TObject>>;
export type FrameOf<S extends Schemas> = Static<S[keyof S]>;

/** A frame; null if its type is unknown, and a close code if it is broken. */
type FrameCheck<S extends Schemas> = (text: string) => FrameOf<S> | null | 1003 | 1008;

/** Returns the check of frames by their type. */
export function frameCheck<S extends Schemas>(schemas: S): FrameCheck<S> {
  const checks = new Map(Object.entries(schemas).map(([type, schema]) => [type, compileCheck(schema)]));
  return (text) => {
    const frame = parse(text);
    const fits = checks.get(typeof frame?.type === 'string' ? frame.type : '');
    if (typeof frame?.type !== 'string') return 1003;
    if (!fits) return null;
    return fits(frame) ? (frame as FrameOf<S>) : 1008;
  };
}

function parse(text: string): { readonly type?: unknown } | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' ? value : null;
  } catch {
    return null;
  }
}

export interface FrameReader<S extends Schemas> {
  readonly check: FrameCheck<S>;
  /** Frames of all kinds in a window of time; more close the connection with 4429. */
  readonly atMost: number;
  readonly inSeconds: number;
  readonly take: (frame: FrameOf<S>) => void;
  readonly close: (code: 1003 | 1008 | 4429) => void;
}

/** Calls `take` with each valid frame until the connection closes. */
export function readFrames<S extends Schemas>(
  socket: WebSocket,
  { check, atMost, inSeconds, take, close }: FrameReader<S>,
): void {
  let windowStart = performance.now();
  let count = 0;

  /** False when there are too many, or the connection is closing. */
  function counted(): boolean {
    if (socket.readyState !== socket.OPEN) return false;
    const now = performance.now();
    if (now - windowStart > inSeconds * 1000) [windowStart, count] = [now, 0];
    count += 1;
    if (count > atMost) close(4429);
    return count <= atMost;
  }

  socket.on('ping', counted).on('pong', counted);
  socket.on('message', (data: Buffer, isBinary) => {
    if (!counted()) return;
    const frame = isBinary ? 1003 : check(data.toString());
    if (typeof frame === 'number') close(frame);
    else if (frame !== null) take(frame);
  });
}
