/** The frame of every page the fake serves: plain HTML and CSS, no script, nothing from another host. */
import type { Answer } from '../wire/answer.ts';
import type { Params } from '../wire/params.ts';

export interface PageRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Params;
  readonly form: Params;
}

/** HTML that needs no more escaping. */
export interface Html {
  readonly html: string;
}

/** Escapes every value put in unless it is `Html` or a list of it. */
export function html(parts: TemplateStringsArray, ...values: ReadonlyArray<Html | Html[] | string | number>): Html {
  const pieces = parts.map((part, index) => part + (index < values.length ? render(values[index] ?? '') : ''));
  return { html: pieces.join('') };
}

function render(value: Html | Html[] | string | number): string {
  if (Array.isArray(value)) return value.map((one) => one.html).join('\n');
  return typeof value === 'object' ? value.html : escapeText(String(value));
}

function escapeText(text: string): string {
  const names: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return text.replace(/[&<>"']/g, (mark) => names[mark] ?? mark);
}

/** A whole page. The notice, if any, is read out first. */
export function page(title: string, body: Html, options: { notice?: string; status?: number } = {}): Answer {
  const notice = options.notice ? html`<p class="notice" role="alert">${options.notice}</p>` : html``;
  const document = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title} · fake Stripe</title>
        <style>
          ${{ html: css }}
        </style>
      </head>
      <body>
        <p class="banner">This is a fake Stripe for development and tests. No money moves.</p>
        <main>
          <h1>${title}</h1>
          ${notice} ${body}
        </main>
      </body>
    </html>`;
  return {
    status: options.status ?? 200,
    body: document.html,
    headers: {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'",
      'Cache-Control': 'no-store',
    },
  };
}

export function redirect(location: string): Answer {
  return { status: 303, body: '', headers: { Location: location, 'Cache-Control': 'no-store' } };
}

/** One button of a form; the word is what the server receives as `action`. */
export function button(action: string, label: string, kind: 'main' | 'plain' = 'plain'): Html {
  return html`<button name="action" value="${action}" class="${kind}">${label}</button>`;
}

export function money(amount: number, currency: string): string {
  return new Intl.NumberFormat('en', { style: 'currency', currency }).format(amount / 100);
}

export function day(seconds: number): Html {
  const iso = new Date(seconds * 1000).toISOString();
  return html`<time datetime="${iso}">${iso.slice(0, 16).replace('T', ' ')} UTC</time>`;
}

const css = `
  :root { color-scheme: light dark; --ink: #1a1f36; --paper: #fff; --line: #c7ccd6; --accent: #4338ca; --warn: #8a2c0d; }
  @media (prefers-color-scheme: dark) {
    :root { --ink: #e6e8ee; --paper: #14161f; --line: #454b5e; --accent: #a5b4fc; --warn: #fdba8c; }
  }
  body { margin: 0; font: 1rem/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
  main { max-width: 40rem; margin: 0 auto; padding: 1rem; }
  .banner { margin: 0; padding: .5rem 1rem; text-align: center; border-bottom: 1px solid var(--line); }
  .notice { padding: .75rem 1rem; border: 2px solid var(--warn); color: var(--warn); border-radius: .5rem; }
  .price { font-size: 1.75rem; font-weight: 600; margin: .5rem 0; }
  form { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem; margin: 1rem 0; }
  button { font: inherit; padding: .6rem 1rem; border-radius: .5rem; border: 1px solid var(--line);
    background: transparent; color: var(--ink); cursor: pointer; }
  button.main { background: var(--accent); color: var(--paper); border-color: var(--accent); width: 100%; }
  button:focus-visible, a:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
  a { color: var(--accent); }
  article { border: 1px solid var(--line); border-radius: .75rem; padding: 0 1rem 1rem; margin: 1rem 0; }
  table { border-collapse: collapse; width: 100%; font-size: .9rem; }
  th, td { text-align: left; padding: .3rem .5rem; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
  td form { margin: 0; }
  td button { padding: .2rem .6rem; }
  select { font: inherit; padding: .5rem; }
`;
