/** The client in a browser: its downloads, Lighthouse scores, and the cost of a streamed answer. */
import type { Page } from 'playwright-core';
import type { Bed } from '../bed.ts';
import type { Line } from '../line.ts';
import { freshClone } from '../web/clone.ts';
import { fetchedBy, firstLoadLine } from '../web/first-load.ts';
import { firstToken } from '../web/first-token.ts';
import { lighthouseLines } from '../web/lighthouse.ts';
import { addRoom, plainAnswer, richAnswer } from '../web/rooms.ts';
import { openStage, phoneNumber } from '../web/stage.ts';
import { streaming } from '../web/streaming.ts';

const messages = 2000;
const characters = 20_000;
/** A round takes 30 seconds. */
const rounds = 3;

const isConversation = (page: Page) => page.getByRole('article').first().waitFor();
const isSignIn = (page: Page) => page.getByRole('textbox', { name: 'Phone number' }).waitFor();

export async function web(bed: Bed): Promise<Line[]> {
  await using stage = await openStage(bed);
  const { profiles, scale } = bed;
  const { databaseUrl } = stage;
  const isQuick = scale.size < 1;
  const plain = await addRoom(databaseUrl, phoneNumber, { name: 'Plain', messages: 20, answer: plainAnswer });
  const room = { name: 'Long', messages: messages * scale.size, answer: richAnswer };
  const long = await addRoom(databaseUrl, phoneNumber, room);
  const chat = `/app/c/${plain}`;
  const lines = [
    firstLoadLine('the chat page', await fetchedBy(stage, chat, isConversation), 130),
    firstLoadLine('sign-in', await fetchedBy(stage, '/app/sign-in', isSignIn), 150),
    firstLoadLine('a chat with code and formulas', await fetchedBy(stage, `/app/c/${long}`, isConversation), null),
    await firstToken(stage, plain, isQuick ? 1 : 5),
  ];
  const task = { roomId: long, messages: room.messages, characters: characters * scale.size, profiles };
  const turns = Math.min(rounds, scale.rounds);
  lines.push(...(await streaming(stage, { ...task, rounds: turns, slower: 1, mostFrameMs: 16 })));
  if (isQuick) return lines;
  lines.push(...(await streaming(stage, { ...task, rounds: turns, slower: 4, mostFrameMs: 50 })));
  for (const [name, address] of [
    ['sign-in', '/app/sign-in'],
    ['a chat', chat],
    ['a chat with code and formulas', `/app/c/${long}`],
  ] as const) {
    // The hardest page is only for comparison.
    const visits = address === chat || name === 'sign-in' ? rounds : 1;
    lines.push(...(await lighthouseLines(stage, { name, address, rounds: visits, profiles })));
  }
  lines.push(await freshClone());
  return lines;
}
