/** A room of 2,000 messages: it opens at its end, scrolls up without a jump, and can be searched completely. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshNumber, signIn as signInByApi } from '../client.ts';
import { chainMessages } from '../fill-room.ts';
import { sqlOf } from '../sql.ts';
import { shareBrowser } from './share-browser.ts';
import { canBrowse, signIn, visit, type Visitor } from './visitor.ts';

const turns = 1000;

/** Questions and answers in turn, of different lengths, each with its number. */
const fill = `insert into messages (chatroom_id, user_id, is_from_user, content)
  select id, user_id, n % 2 = 1, case n % 2 when 1 then 'Question ' || (n + 1) / 2
    else 'Answer to Question ' || n / 2 || '. ' || repeat('Words that take their place. ', 1 + n % 40) end
  from chatrooms, generate_series(1, $2::int * 2) n where id = $1 order by n`;
const answer = `insert into replies (message_id, question_id, chatroom_id, user_id, status, epoch)
  select id, parent_id, chatroom_id, user_id, 'complete', 1 from messages where chatroom_id = $1 and not is_from_user`;

describe.skipIf(!canBrowse)('in Chromium', { timeout: 120_000 }, () => {
  const shared = shareBrowser();
  let visitor: Visitor;

  beforeAll(async () => {
    const number = freshNumber();
    const client = await signInByApi(shared.product.url, { number });
    const roomId = await client.room('A long one');
    const sql = sqlOf(shared.product.running);
    await sql(fill, [roomId, turns]);
    for (const statement of chainMessages) await sql(statement);
    await sql(answer, [roomId]);
    visitor = await visit(shared.browser, `${shared.product.url}/app/c/${roomId}`);
    await signIn(visitor.page, number);
  });

  afterAll(async () => {
    await visitor?.[Symbol.asyncDispose]();
  });

  const conversation = `document.querySelector('[role=list]').parentElement`;
  const question = (index: number) =>
    visitor.page.getByRole('article', { name: 'You' }).getByText(`Question ${index}`, { exact: true });

  it('opens at its end', async () => {
    await question(turns).waitFor();
    const below = `${conversation}.scrollHeight - ${conversation}.scrollTop - ${conversation}.clientHeight`;
    await expect.poll(() => visitor.page.evaluate<number>(below)).toBeLessThan(2);
    expect(await question(1).count()).toBe(0);
  });

  it('scrolls up without a jump while older messages load', async () => {
    const { page } = visitor;
    await page.getByRole('list', { name: 'Conversation' }).hover();
    // Every position where the content moved by more than the wheel.
    await page.evaluate(`
      window.jumps = [];
      const box = ${conversation};
      let anchor = null;
      const look = () => {
        const seen = [...document.querySelectorAll('article')].find((one) => one.getBoundingClientRect().top > 100);
        if (anchor?.element.isConnected) {
          const moved = anchor.element.getBoundingClientRect().top - anchor.top;
          if (moved < -4 || moved > 700) window.jumps.push(moved);
        }
        anchor = seen && { element: seen, top: seen.getBoundingClientRect().top };
        // After the frame was painted; corrections before that are invisible.
        requestAnimationFrame(() => setTimeout(look));
      };
      look();
    `);
    for (let turn = 0; turn < 60; turn++) {
      await page.mouse.wheel(0, -500);
      await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
    }
    const first = await page.getByRole('article', { name: 'You' }).first().innerText();
    expect(Number(first.replace('Question ', ''))).toBeLessThan(turns - 60);
    expect(await page.evaluate('window.jumps')).toEqual([]);
    await page.getByRole('button', { name: 'Jump to latest' }).click();
    await question(turns).waitFor();
  });

  it('is searched from end to beginning, in any distance from the end', async () => {
    const { page } = visitor;
    await page.keyboard.press('Control+f');
    await page.getByRole('searchbox').fill('Question 3.');
    await page.getByRole('search').getByText('1 / 1', { exact: true }).waitFor({ timeout: 60_000 });
    await expect.poll(() => question(3).isVisible()).toBe(true);
    await page.getByRole('searchbox').fill('nowhere to be found');
    await page.getByRole('search').getByText('Nothing found').waitFor();
    await page.keyboard.press('Escape');
    // Only what is near the view is on the page.
    expect(await page.getByRole('article').count()).toBeLessThan(60);
  });
});
