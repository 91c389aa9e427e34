/** Which turns are sent with the next question, and why others are not. */
import { expect, it } from 'vitest';
import type { Context } from '../../contract/context.ts';
import type { Message } from '../../contract/messages.ts';
import { sentTurns } from '../../web/chat/sent-turns.ts';

const question = (id: number) => ({ id, status: 'complete', in_reply_to: null }) as Message;
const reply = (id: number, status: Message['status'] = 'complete') => ({ id, status, in_reply_to: id - 1 }) as Message;
const context = (sent: readonly number[], summaryUpTo: number | null) =>
  ({
    turns: sent.map((message_id) => ({ message_id, tokens: message_id * 10 })),
    summary: summaryUpTo === null ? null : { text: 'A summary', up_to_message_id: summaryUpTo },
  }) as Context;
const fates = (messages: readonly Message[], given: Context) =>
  sentTurns(messages, given).map(({ message, fate, tokens }) => [message.id, fate, tokens]);

it('marks turns that are sent, and turns replaced by a summary', () => {
  expect(fates([question(1), reply(2), question(3), reply(4)], context([3, 4], 2))).toEqual([
    [1, 'summarised', null],
    [2, 'summarised', null],
    [3, 'sent', 30],
    [4, 'sent', 40],
  ]);
});

it('a question is treated like its reply', () => {
  const path = [question(1), reply(2, 'failed'), question(3), reply(4, 'queued')];
  expect(fates(path, context([3], 2))).toEqual([
    [1, 'failed', null],
    [2, 'failed', null],
    [3, 'sent', 30],
    [4, 'unfinished', null],
  ]);
});

it('turns without a summary do not fit', () => {
  expect(fates([question(1), reply(2)], context([2], null))).toEqual([
    [1, 'left-out', null],
    [2, 'sent', 20],
  ]);
});
