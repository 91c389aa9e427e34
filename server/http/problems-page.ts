/** The page that a problem's `type` links to: each code, its meaning and the remedy. */
import { createHash } from 'node:crypto';
import { problemCodes, problems, problemType, type ProblemCode } from '../../contract/errors.ts';
import { problemGuide } from '../../contract/problem-guide.ts';
import { escapeHtml } from './html.ts';
import { iconDataUri } from './icon.ts';

const style = `
:root { color-scheme: light dark; font: 16px/1.55 system-ui, sans-serif; }
body { max-width: 44rem; margin: 0 auto; padding: 2rem 1.25rem 30vh; }
h1 { font-size: 1.75rem; margin-bottom: 0.5rem; }
section { margin-top: 1.25rem; padding: 0.75rem 1rem; border: 1px solid color-mix(in srgb, currentColor 20%, transparent); border-radius: 0.5rem; }
section:target { border-color: #1a73e8; box-shadow: 0 0 0 1px #1a73e8; }
h2 { font-size: 1.05rem; margin: 0; display: flex; gap: 0.6rem; align-items: baseline; flex-wrap: wrap; }
h2 a { color: inherit; text-decoration: none; }
h2 a:hover { text-decoration: underline; }
.status { font-variant-numeric: tabular-nums; opacity: 0.65; }
p { margin: 0.4rem 0 0; }
code { font: 0.9em ui-monospace, monospace; }
`;

/** Allows this style by its hash, and nothing else. */
export const problemsPolicy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

/** `linksToDocs`: whether the API documents are public. */
export function problemsPage(linksToDocs: boolean): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Problems · Pollux API</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="${iconDataUri}">
<style>${style}</style>
</head>
<body>
<h1>Problems</h1>
<p>Whatever goes wrong is answered as <code>application/problem+json</code> (RFC 9457). Programs decide by <code>code</code>,
people read <code>detail</code>, and <code>request_id</code> finds the request in the logs.${linksToDocs ? links : ''}</p>
${problemCodes.map(section).join('\n')}
</body>
</html>
`;
}

const links =
  ' The operations are described in the <a href="/redoc">reference</a> and can be tried in the <a href="/docs">console</a>.';

function section(code: ProblemCode): string {
  const { status, title } = problems[code];
  const { meaning, remedy } = problemGuide[code];
  const [, anchor] = problemType(code).split('#');
  return `<section id="${anchor}">
<h2><a href="#${anchor}">${title}</a> <code>${code}</code> <span class="status">${status}</span></h2>
<p>${html(meaning)}</p>
<p><strong>What to do:</strong> ${html(remedy)}</p>
</section>`;
}

/** Escapes HTML and turns backticks into `<code>`. */
function html(text: string): string {
  return escapeHtml(text).replaceAll(/`([^`]+)`/g, '<code>$1</code>');
}
