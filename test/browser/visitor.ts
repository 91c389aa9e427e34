/** Users with a browser: each has a separate context, finds elements by role and name, and records errors. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { chromium, type Browser, type BrowserContext, type BrowserContextOptions, type Page } from 'playwright-core';
import { freshNumber } from '../client.ts';
import { chromium as program, chromiumShell } from '../contract/chromium.ts';

/** False on a machine without a Chromium; its tests are then listed as skipped. */
export const canBrowse = program !== null;

export interface Visitor extends AsyncDisposable {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Console errors, uncaught exceptions and violations of the page's policy so far. */
  readonly complaints: readonly string[];
  /** Hosts requested so far other than the product's. */
  readonly foreignRequests: readonly string[];
}

/** Starts the browser that the visitors of a file share. Notifications need the whole Chromium. */
export function startBrowser({ notifies = false } = {}): Promise<Browser> {
  const name = notifies ? program! : chromiumShell!;
  const places = (process.env.PATH ?? '').split(path.delimiter).map((folder) => path.resolve(folder, name));
  return chromium.launch({
    executablePath: places.find(existsSync) ?? name,
    args: ['--no-sandbox', '--disable-gpu'],
  });
}

/** Opens a page of the product as a new visitor. */
export async function visit(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Visitor> {
  const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1280, height: 860 }, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  const foreignRequests: string[] = [];
  const { host } = new URL(url);
  context.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  context.on('weberror', (error) => complaints.push(error.error().message));
  context.on('request', (request) => {
    const asked = new URL(request.url());
    if (asked.protocol.startsWith('http') && asked.host !== host) foreignRequests.push(request.url());
  });
  await page.goto(url);
  return { page, context, complaints, foreignRequests, [Symbol.asyncDispose]: () => context.close() };
}

/** Signs in with the code that the development server shows; ends in a new chat, or on the requested page. */
export async function signIn(page: Page, number = freshNumber()): Promise<void> {
  await page.getByRole('textbox', { name: 'Phone number' }).fill(number);
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('button', { name: /^Use code \d{6}$/ }).click();
  await page.waitForURL(({ pathname }) => !pathname.endsWith('/sign-in'));
}

/** Types a question and sends it with Enter. */
export async function ask(page: Page, question: string): Promise<void> {
  const message = page.getByRole('textbox', { name: 'Message' });
  await message.fill(question);
  await message.press('Enter');
}

/** Makes the page report that it is hidden, or visible again, because a headless page is always visible. */
export async function lookAway(page: Page, state: 'hidden' | 'visible' = 'hidden'): Promise<void> {
  await page.evaluate(`
    Object.defineProperty(document, 'visibilityState', { value: '${state}', configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  `);
}
