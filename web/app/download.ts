/** Downloads files of the API by links, which cannot send a token. */
import { ApiProblem } from '../api/problem.ts';
import { call } from '../api/request.ts';
import { apiBase } from '../api/send.ts';
import { text } from '../languages/text.ts';
import { showToast } from '../ui/toast.tsx';

/** Buys a ticket for one request and lets the browser save its answer; shows a notice if that cannot begin. */
export async function download(path: string): Promise<void> {
  try {
    const { ticket } = await call<{ ticket: string }>('POST', '/events/ticket');
    const url = new URL(apiBase + path, location.href);
    url.searchParams.set('ticket', ticket);
    const link = document.createElement('a');
    link.href = url.href;
    link.download = '';
    link.click();
  } catch (error) {
    showToast({ message: error instanceof ApiProblem ? error.message : text('notice.away') });
  }
}
