/** Slots of an account: a limit of concurrent requests, a bounded queue, and no lost slot when connections end. */
import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { beforeEach, describe, expect, it } from 'vitest';
import { ProblemError } from '../problems/problem.ts';
import { accountSlots, type TakeSlot } from './account-slots.ts';

const [me, other] = [1, 2];
const waitAtMostMs = 100;

/** The part of a response that slots use. */
function answer(): ServerResponse & { end(): void } {
  const emitter = Object.assign(new EventEmitter(), {
    closed: false,
    end() {
      emitter.closed = true;
      emitter.emit('close');
    },
  });
  return emitter as unknown as ServerResponse & { end(): void };
}

describe('an account with two slots and a queue of two', () => {
  let take: TakeSlot;

  beforeEach(() => {
    take = accountSlots({ atOnce: 2, waiting: 2, waitAtMostMs, refusal: 'feeds' });
  });

  const refusal = expect.objectContaining({ code: 'too_many_requests', message: expect.stringMatching(/live feeds/) });

  it('has two requests handled at once, without waiting', () => {
    expect(take(me, answer())).toBeUndefined();
    expect(take(me, answer())).toBeUndefined();
    expect(take(other, answer())).toBeUndefined();
  });

  it('has further ones handled in order of arrival, as responses end', async () => {
    const handled = [answer(), answer()];
    for (const one of handled) void take(me, one);
    const turns: string[] = [];
    const first = take(me, answer())!.then(() => turns.push('first'));
    const second = take(me, answer())!.then(() => turns.push('second'));
    handled[1]!.end();
    await first;
    expect(turns).toEqual(['first']);
    handled[0]!.end();
    await second;
    expect(turns).toEqual(['first', 'second']);
  });

  it('is refused when its queue is full, without effect on others', async () => {
    for (let n = 0; n < 2; n++) void take(me, answer());
    const waiting = [answer(), answer()].map((one) => ({ one, turn: take(me, one)! }));
    expect(() => take(me, answer())).toThrow(refusal);
    expect(take(other, answer())).toBeUndefined();
    // A place in the queue is free again once its connection has ended.
    waiting[0]!.one.end();
    await expect(waiting[0]!.turn).rejects.toEqual(refusal);
    const again = take(me, answer());
    expect(again).toBeInstanceOf(Promise);
    await expect(Promise.all([waiting[1]!.turn, again])).rejects.toBeInstanceOf(ProblemError);
  });

  it('is refused after it waited too long', async () => {
    for (let n = 0; n < 2; n++) void take(me, answer());
    await expect(take(me, answer())).rejects.toEqual(refusal);
  });

  it('loses no slot to a connection that ends just when it gets one', async () => {
    const handled = [answer(), answer()];
    for (const one of handled) void take(me, one);
    const unlucky = answer();
    const turn = take(me, unlucky)!;
    handled[0]!.end();
    unlucky.end();
    await turn;
    handled[1]!.end();
    expect(take(me, answer())).toBeUndefined();
    expect(take(me, answer())).toBeUndefined();
  });
});
