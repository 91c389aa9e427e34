/** The page of a shared chat: HTML without scripts, in the reader's language. */
import { createHash } from 'node:crypto';
import type { SharedMessage } from '../../contract/shares.ts';
import { escapeHtml } from '../http/html.ts';
import { say } from '../languages/catalog.ts';
import { pageStyle } from './page-style.ts';
import { plainToHtml } from './plain-text.ts';
import type { SharedRow } from './store.ts';

/** Allows the page's own style by its hash, its icon, and nothing else. */
export const pagePolicy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(pageStyle).digest('base64')}'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

const rightToLeft = new Set(['ar']);

const stars = (line: string, large: string, small: string) =>
  `<line x1="9.5" y1="22.5" x2="20" y2="11"${line}/><circle cx="20.5" cy="10.5" r="7"${large}/><circle cx="8.5" cy="23.5" r="4"${small}/>`;
const mark = `<svg class="mark" width="28" height="28" viewBox="0 0 32 32" aria-hidden="true">${stars('', ' class="large"', ' class="small"')}</svg>`;
const iconSvg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">${stars(' stroke="#8a8894" stroke-width="1.25"', ' fill="#e5822d"', ' fill="#8fb2e8"')}</svg>`;
const icon = `data:image/svg+xml;base64,${Buffer.from(iconSvg).toString('base64')}`;

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
  return page(title, main, language);
}

/** Shown for a link that is wrong or dead. */
export function missingPage(language: string): string {
  const title = escapeHtml(say(language, 'shared-page.missing'));
  return page(title, `<h1>${title}</h1>\n<p>${escapeHtml(say(language, 'shared-page.missing.why'))}</p>`, language);
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

function page(title: string, main: string, language: string): string {
  return `<!doctype html>
<html lang="${language}" dir="${rightToLeft.has(language) ? 'rtl' : 'ltr'}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="color-scheme" content="light dark">
<title>${title} · Pollux</title>
<link rel="icon" href="${icon}">
<style>${pageStyle}</style>
</head>
<body>
<header class="bar"><a class="home" href="/app/">${mark}<span>Pollux</span></a></header>
<main>
${main}
</main>
<footer><a href="/app/">${label('shared-page.made-with', language)}</a></footer>
</body>
</html>
`;
}
