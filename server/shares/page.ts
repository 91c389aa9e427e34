/** The page of a shared chat: HTML without scripts, in the reader's language. */
import type { SharedMessage } from '../../contract/shares.ts';
import { escapeHtml } from '../http/html.ts';
import { htmlPage } from '../http/html-page.ts';
import { say } from '../languages/catalog.ts';
import { plainToHtml } from './plain-text.ts';
import type { SharedRow } from './store.ts';

/** `answers`: HTML of the replies, in order. */
export function sharedPage(
  { name, createdAt }: SharedRow,
  messages: readonly SharedMessage[],
  answers: readonly string[],
  language: string,
): string {
  const title = escapeHtml(name);
  const rest = answers.values();
  const turns = messages.map((message) =>
    message.is_from_user ? question(message, language) : answer(message, rest.next().value ?? '', language),
  );
  const date = new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone: 'UTC' }).format(createdAt);
  const shared = escapeHtml(say(language, 'shared-page.on', { date }));
  const main = `<h1 dir="auto">${title}</h1>
<p class="when"><time datetime="${createdAt.toISOString()}">${shared}</time></p>
${turns.join('\n')}`;
  return htmlPage(title, main, language);
}

/** Shown for a link that is wrong or dead. */
export function missingPage(language: string): string {
  const title = escapeHtml(say(language, 'shared-page.missing'));
  return htmlPage(title, `<h1>${title}</h1>\n<p>${escapeHtml(say(language, 'shared-page.missing.why'))}</p>`, language);
}

function question({ content, attachments = [] }: SharedMessage, language: string): string {
  const names = attachments.map(({ name }) => escapeHtml(name)).join(', ');
  const files = names === '' ? '' : `<p class="by" dir="auto">${names}</p>`;
  return `<article class="question" aria-label="${label('shared-page.question', language)}">${plainToHtml(content)}${files}</article>`;
}

function answer({ model }: SharedMessage, html: string, language: string): string {
  const by = model === null ? '' : `<p class="by" dir="auto">${escapeHtml(model)}</p>`;
  return `<article class="answer" aria-label="${label('shared-page.answer', language)}">${by}${html}</article>`;
}

function label(id: string, language: string): string {
  return escapeHtml(say(language, id));
}
