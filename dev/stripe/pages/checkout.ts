/** The Checkout page behind `session.url`: pay, be declined, confirm, pay later, or go back. */
import type { Lifecycle } from '../lifecycle.ts';
import type { LineItemRecord, Outcome, SessionRecord } from '../records.ts';
import type { Answer } from '../wire/answer.ts';
import { text } from '../wire/params.ts';
import type { World } from '../world.ts';
import { button, html, money, page, redirect, type Html, type PageRequest } from './layout.ts';

const outcomes: Record<string, Outcome> = {
  pay: 'succeeds',
  decline: 'fails',
  confirm: 'requires_action',
  later: 'async_pending',
};

const notices: Record<string, string> = {
  decline: 'Your card was declined. Try another one.',
  confirm: 'Your bank asks you to confirm this payment. Press Pay to confirm it.',
};

export function checkoutPage(world: World, lifecycle: Lifecycle, request: PageRequest, id: string): Answer {
  const session = world.tables['checkout.session'].get(id);
  if (!session) return page('No such checkout', html`<p>This link leads nowhere.</p>`, { status: 404 });
  const action = text(request.form, 'action') ?? '';
  if (request.method === 'POST') return press(lifecycle, session, action);
  if (session.status !== 'open') return closedPage(session);
  const notice = notices[text(request.query, 'notice') ?? ''];
  return page('Checkout', openBody(world, session), notice ? { notice } : {});
}

function press(lifecycle: Lifecycle, session: SessionRecord, action: string): Answer {
  const here = `/c/pay/${session.id}`;
  if (action === 'cancel') return redirect(session.cancel_url ?? here);
  const payment = outcomes[action];
  if (!payment || session.status !== 'open') return redirect(here);
  const { session: after } = lifecycle.completeCheckout(session.id, { payment });
  if (after.status !== 'complete') return redirect(`${here}?notice=${action}`);
  return redirect((session.success_url ?? here).replaceAll('{CHECKOUT_SESSION_ID}', session.id));
}

function closedPage(session: SessionRecord): Answer {
  const why = session.status === 'complete' ? 'This checkout is complete.' : 'This checkout has expired.';
  const back = session.success_url?.replaceAll('{CHECKOUT_SESSION_ID}', session.id) ?? '/';
  return page(
    'Checkout',
    html`<p>${why}</p>
      <p><a href="${back}">Back to the shop</a></p>`,
  );
}

function openBody(world: World, session: SessionRecord): Html {
  const notes = world.sessionNotes.get(session.id);
  const lines = (notes?.lineItems ?? []).map(lineView);
  const email = session.customer_details?.email;
  const trial = notes?.trialEnd === undefined ? html`` : html`<p>The first payment follows after a free trial.</p>`;
  const back = session.cancel_url ? button('cancel', 'Cancel and go back') : html``;
  return html`${lines} ${trial} ${email ? html`<p>Billed to ${email}</p>` : html``}
    <form method="post" action="/c/pay/${session.id}">
      ${button('pay', 'Pay', 'main')} ${button('decline', 'Pay with failing card')}
      ${button('confirm', 'Pay with a card that asks to confirm')} ${button('later', 'Pay later (bank debit)')} ${back}
    </form>`;
}

function lineView(line: LineItemRecord): Html {
  const interval = line.price.recurring?.interval ?? '';
  return html`<h2>${line.description ?? 'Plan'}</h2>
    <p class="price">${money(line.amount_total, line.currency)} a ${interval}</p>`;
}
