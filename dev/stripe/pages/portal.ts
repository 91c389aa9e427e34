/** The billing portal behind its session's URL, with additional buttons for developers. */
import type { Lifecycle } from '../lifecycle.ts';
import { intentOf } from '../model/collection.ts';
import { lastPaidCharge } from '../model/reversals.ts';
import { currentPeriod, hasEnded, notesOf } from '../model/subscriptions.ts';
import type { PortalRecord, SubscriptionRecord } from '../records.ts';
import type { Answer } from '../wire/answer.ts';
import { text } from '../wire/params.ts';
import type { World } from '../world.ts';
import { button, day, html, money, page, redirect, type Html, type PageRequest } from './layout.ts';

/** What each button does to its subscription. */
const actions: Record<string, (lifecycle: Lifecycle, id: string) => unknown> = {
  cancel_at_period_end: (lifecycle, id) => lifecycle.cancelAtPeriodEnd(id, { style: 'date' }),
  resume: (lifecycle, id) => lifecycle.resume(id),
  cancel_now: (lifecycle, id) => lifecycle.cancelNow(id),
  fail_next: (lifecycle, id) => lifecycle.setBank(id, 'fails'),
  succeed_next: (lifecycle, id) => lifecycle.setBank(id, 'succeeds'),
  renew: (lifecycle, id) => lifecycle.renew(id),
  give_up: (lifecycle, id) => lifecycle.exhaustRetries(id),
  recover: (lifecycle, id) => lifecycle.recover(id),
  bank_pays: (lifecycle, id) => lifecycle.payAsync(id, 'succeeds'),
  bank_refuses: (lifecycle, id) => lifecycle.payAsync(id, 'fails'),
  pause: (lifecycle, id) => lifecycle.pause(id),
  unpause: (lifecycle, id) => lifecycle.unpause(id),
  refund: (lifecycle, id) => lifecycle.refund(id),
  dispute: (lifecycle, id) => lifecycle.openDispute(id),
};

export function portalPage(world: World, lifecycle: Lifecycle, request: PageRequest, id: string): Answer {
  const session = world.tables['billing_portal.session'].get(id);
  if (!session) return page('No such portal', html`<p>This link leads nowhere.</p>`, { status: 404 });
  if (request.method !== 'POST') return page('Billing portal', portalBody(world, session));
  const subscription = world.tables.subscription.get(text(request.form, 'subscription') ?? '');
  const action = actions[text(request.form, 'action') ?? ''];
  if (!action || subscription?.customer !== session.customer) return redirect(`/p/session/${id}`);
  try {
    action(lifecycle, subscription.id);
    return redirect(`/p/session/${id}`);
  } catch (error) {
    const notice = error instanceof Error ? error.message : String(error);
    return page('Billing portal', portalBody(world, session), { notice, status: 409 });
  }
}

function portalBody(world: World, session: PortalRecord): Html {
  const own = [...world.tables.subscription.values()].filter((one) => one.customer === session.customer).toReversed();
  const cards = own.map((subscription) => card(world, session, subscription));
  const none = html`<p>There is no subscription yet.</p>`;
  const back = session.return_url ? html`<p><a href="${session.return_url}">Back to the shop</a></p>` : html``;
  return html`${cards.length > 0 ? cards : none} ${back}`;
}

function card(world: World, session: PortalRecord, subscription: SubscriptionRecord): Html {
  const [item] = subscription.items.data;
  const name = world.tables.product.get(item?.price.product ?? '')?.name ?? 'Plan';
  return html`<article aria-labelledby="${subscription.id}">
    <h2 id="${subscription.id}">${name}</h2>
    <p>
      ${money(item?.price.unit_amount ?? 0, subscription.currency)} a ${item?.price.recurring?.interval ?? 'month'} ·
      status <strong>${subscription.status}</strong>
    </p>
    ${dates(world, subscription)}
    <form method="post" action="/p/session/${session.id}">
      <input type="hidden" name="subscription" value="${subscription.id}" />
      ${buttons(world, subscription)}
    </form>
  </article>`;
}

function dates(world: World, subscription: SubscriptionRecord): Html {
  if (hasEnded(subscription)) return html`<p>Ended ${day(subscription.ended_at ?? subscription.created)}</p>`;
  if (subscription.cancel_at !== null) return html`<p>Ends ${day(subscription.cancel_at)}</p>`;
  const fails = notesOf(world, subscription).outcome !== 'succeeds';
  const warning = fails ? html`<p>The next automatic payment will fail.</p>` : html``;
  return html`<p>Next period begins ${day(currentPeriod(subscription).end)}</p>
    ${warning}`;
}

/** Only what the subscription's state allows. */
function buttons(world: World, subscription: SubscriptionRecord): Html[] {
  const { status } = subscription;
  const invoice = world.tables.invoice.get(subscription.latest_invoice ?? '');
  const pending = invoice !== undefined && intentOf(world, invoice)?.status === 'processing';
  const paid = lastPaidCharge(world, subscription.id);
  const owes = invoice?.status === 'open' && !pending;
  const runs = ['active', 'trialing', 'past_due', 'unpaid'].includes(status);
  const scheduled = subscription.cancel_at !== null;
  const shown: Array<[boolean, string, string]> = [
    [runs && !scheduled, 'cancel_at_period_end', 'Cancel at period end'],
    [runs && scheduled, 'resume', 'Resume'],
    [!hasEnded(subscription), 'cancel_now', 'Cancel now'],
    [runs && notesOf(world, subscription).outcome === 'succeeds', 'fail_next', 'Fail next renewal'],
    [runs && notesOf(world, subscription).outcome !== 'succeeds', 'succeed_next', 'Let next renewal succeed'],
    [runs, 'renew', 'Renew now'],
    [status === 'past_due' && owes, 'give_up', 'Fail all retries'],
    [owes && !hasEnded(subscription), 'recover', 'Pay what is owed'],
    [pending, 'bank_pays', 'Bank confirms the debit'],
    [pending, 'bank_refuses', 'Bank refuses the debit'],
    [status === 'active', 'pause', 'Pause'],
    [status === 'paused', 'unpause', 'Unpause'],
    [paid?.refunded === false, 'refund', 'Refund last payment'],
    [paid?.disputed === false, 'dispute', 'Dispute last payment'],
  ];
  return shown.filter(([fits]) => fits).map(([, action, label]) => button(action, label));
}
