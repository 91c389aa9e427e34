/** A shared chat is readable by anyone, without scripts, in both themes, on a phone, in five languages. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signIn } from '../client.ts';
import { anyPlace, startProduct, type RunningProduct } from '../harness.ts';
import { fillRoom } from '../shares/fill-room.ts';
import { sqlOf } from '../sql.ts';
import { barriersOn } from './barriers.ts';
import { canBrowse, startBrowser, visit } from './visitor.ts';

const answer = [
  '## A heading\n\nSome *words*, `code`, a [link](https://a.example/) and ![a picture](https://b.example/1.png).',
  `| a | b |\n|---|---|\n| 1 | ${'2'.repeat(200)} |`,
  `\`\`\`ts\nconst long = '${'x'.repeat(400)}';\n\`\`\``,
  '<script>document.title = "run"</script> <img src=x onerror="document.title=1">',
  '- one\n- two\n\n> quoted\n\nمرحبا بالعالم\n\nEnd.',
].join('\n\n');

describe.skipIf(!canBrowse)('the page of a shared chat', () => {
  const cleanUp = new AsyncDisposableStack();
  let browser: Browser;
  let running: RunningProduct;
  let url: string;

  beforeAll(async () => {
    const place = cleanUp.use(await anyPlace());
    running = cleanUp.use(await startProduct(place));
    browser = await startBrowser();
    const owner = await signIn(running.url);
    const roomId = await owner.room('Travel <b>plans</b> & more');
    await fillRoom(sqlOf(running), roomId, `Why?\n${'w'.repeat(300)}`, answer);
    url = (await owner.call('POST', `/chatroom/${roomId}/shares`)).body.url;
  });

  afterAll(async () => {
    await browser?.close();
    await cleanUp.disposeAsync();
  });

  it.each(['light', 'dark'] as const)('has no barrier that axe finds, %s', { timeout: 90_000 }, async (colorScheme) => {
    await using visitor = await visit(browser, url, { colorScheme, bypassCSP: true });
    const { page } = visitor;
    expect(await barriersOn(page)).toEqual([]);
    const paper = await page.evaluate<string>('getComputedStyle(document.documentElement).backgroundColor');
    expect(paper).toMatch(colorScheme === 'light' ? /^oklch\(0\.986/ : /^oklch\(0\.195/);
  });

  it('is readable on a phone without scripts, and loads nothing else', { timeout: 60_000 }, async () => {
    await using visitor = await visit(browser, url, {
      javaScriptEnabled: false,
      viewport: { width: 360, height: 740 },
    });
    const { page, complaints, foreignRequests } = visitor;
    await page.getByRole('heading', { name: 'Travel <b>plans</b> & more', level: 1 }).waitFor();
    const [question, reply] = [
      page.getByRole('article', { name: 'Question' }),
      page.getByRole('article', { name: 'Answer' }),
    ];
    expect(await question.innerText()).toContain('Why?');
    expect(await reply.getByText('End.').isVisible()).toBe(true);
    expect(await reply.getByText('<script>').isVisible()).toBe(true);
    expect(await reply.locator('script, img, iframe, style').count()).toBe(0);
    const link = reply.getByRole('link', { name: 'link' });
    expect(await link.getAttribute('href')).toBe('https://a.example/');
    expect(await link.getAttribute('rel')).toBe('noopener noreferrer nofollow ugc');
    // Nothing is wider than the screen.
    const places = await Promise.all(
      [question, reply, page.getByRole('contentinfo')].map((part) => part.boundingBox()),
    );
    for (const place of places) expect(place!.x + place!.width).toBeLessThanOrEqual(360);
    expect(await page.getByRole('link', { name: 'Made with Pollux' }).getAttribute('href')).toBe('/app/');
    expect(complaints).toEqual([]);
    expect(foreignRequests).toEqual([]);
  });

  it('is in the language of its reader, in its direction', { timeout: 60_000 }, async () => {
    await using visitor = await visit(browser, url, { locale: 'ar', javaScriptEnabled: false });
    const { page } = visitor;
    expect(await page.locator('html').getAttribute('dir')).toBe('rtl');
    await page.getByRole('link', { name: 'صُنع باستخدام Pollux' }).waitFor();
    // Texts keep their own direction.
    expect(await page.getByText('Some words').getAttribute('dir')).toBe('auto');
  });

  it('reports a link that does not work any more', { timeout: 60_000 }, async () => {
    await using visitor = await visit(browser, `${url}x`, { locale: 'ja' });
    await visitor.page.getByRole('heading', { name: 'このリンクは使えません' }).waitFor();
  });
});
