/** A page for everybody: whether sign-in, answers and payments work. It tells no more than that. */
import type { FastifyInstance } from 'fastify';
import { escapeHtml } from '../http/html.ts';
import { htmlPage, htmlPagePolicy } from '../http/html-page.ts';
import { say } from '../languages/catalog.ts';
import { languageOf, varyByLanguage } from '../languages/reader.ts';
import type { Outcome, ReadOutcomes } from './readiness.ts';

const statusPath = '/app/status';

/** What a part of the service needs, by the names of the checks. */
const parts = {
  'sign-in': ['database', 'cache'],
  answers: ['database', 'queue', 'workers', 'model'],
  payments: ['database', 'billing'],
} as const;

type Part = keyof typeof parts;

export interface StatusDeps {
  readonly readOutcomes: ReadOutcomes;
  /** Outcomes of the check `billing`; null while nothing is sold. */
  readonly readBilling: ReadOutcomes | null;
}

/** The parts in the order of the page, and whether each works. */
export async function readStatus({ readOutcomes, readBilling }: StatusDeps): Promise<Map<Part, boolean>> {
  const outcomes: Outcome[] = [...(await readOutcomes()), ...((await readBilling?.()) ?? [])];
  const failed = new Set(outcomes.filter(({ ok }) => !ok).map(({ check }) => check.name));
  const shown = (Object.keys(parts) as Part[]).filter((part) => part !== 'payments' || readBilling !== null);
  return new Map(shown.map((part) => [part, !parts[part].some((name) => failed.has(name))]));
}

export function serveStatusPage(app: FastifyInstance, deps: StatusDeps): void {
  app.get(statusPath, { schema: { hide: true } }, async (request, reply) => {
    const language = languageOf(request.headers);
    varyByLanguage(reply);
    reply.headers({
      'cache-control': 'no-store',
      'content-security-policy': htmlPagePolicy,
      'content-language': language,
      // Browsers load it again, without a script.
      refresh: '60',
    });
    return reply.type('text/html; charset=utf-8').send(statusPage(await readStatus(deps), language));
  });
}

function statusPage(states: ReadonlyMap<Part, boolean>, language: string): string {
  const text = (id: string) => escapeHtml(say(language, id));
  const all = [...states.values()].every(Boolean);
  const rows = [...states].map(
    ([part, works]) =>
      `<tr><th scope="row">${text(`status-page.${part}`)}</th><td>${text(works ? 'status-page.works' : 'status-page.fails')}</td></tr>`,
  );
  const title = text(all ? 'status-page.all' : 'status-page.some');
  const main = `<h1>${title}</h1>
<p class="when"><time datetime="${new Date().toISOString()}">${escapeHtml(new Intl.DateTimeFormat(language, { dateStyle: 'long', timeStyle: 'long', timeZone: 'UTC' }).format())}</time></p>
<div class="table"><table><tbody>
${rows.join('\n')}
</tbody></table></div>`;
  return htmlPage(title, main, language);
}
