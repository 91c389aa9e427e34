/** Pages that the server renders itself: HTML without scripts, in the reader's language. */
import { createHash } from 'node:crypto';
import { say } from '../languages/catalog.ts';
import { escapeHtml } from './html.ts';
import { pageStyle } from './page-style.ts';

/** Allows the page's own style by its hash, its icon, and nothing else. */
export const htmlPagePolicy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(pageStyle).digest('base64')}'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

const rightToLeft = new Set(['ar']);

const stars = (line: string, large: string, small: string) =>
  `<line x1="9.5" y1="22.5" x2="20" y2="11"${line}/><circle cx="20.5" cy="10.5" r="7"${large}/><circle cx="8.5" cy="23.5" r="4"${small}/>`;
const mark = `<svg class="mark" width="28" height="28" viewBox="0 0 32 32" aria-hidden="true">${stars('', ' class="large"', ' class="small"')}</svg>`;
const iconSvg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">${stars(' stroke="#8a8894" stroke-width="1.25"', ' fill="#e5822d"', ' fill="#8fb2e8"')}</svg>`;
const icon = `data:image/svg+xml;base64,${Buffer.from(iconSvg).toString('base64')}`;

/** `title` and `main` are HTML. */
export function htmlPage(title: string, main: string, language: string): string {
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
<footer><a href="/app/">${escapeHtml(say(language, 'shared-page.made-with'))}</a></footer>
</body>
</html>
`;
}
