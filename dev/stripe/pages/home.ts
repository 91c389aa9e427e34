/** The front page: subscriptions, event deliveries, and a form to advance the clock. */
import type { Lifecycle } from '../lifecycle.ts';
import { isDeleted } from '../model/customers.ts';
import { disputeNamed, isDecided } from '../model/reversals.ts';
import { makePortalSession } from '../model/sessions.ts';
import type { EventRecord } from '../records.ts';
import type { Deliveries } from '../webhooks/delivery.ts';
import type { Answer } from '../wire/answer.ts';
import { integer, text, word } from '../wire/params.ts';
import { secondsPerDay, type World } from '../world.ts';
import { day, html, page, redirect, type Html, type PageRequest } from './layout.ts';

const eventsShown = 40;

export async function homePage(
  world: World,
  lifecycle: Lifecycle,
  deliveries: Deliveries,
  request: PageRequest,
): Promise<Answer> {
  if (request.method !== 'POST') return page('Fake Stripe', homeBody(world, deliveries));
  const days = integer(request.form, 'days');
  const customer = text(request.form, 'customer');
  const event = text(request.form, 'event');
  const dispute = text(request.form, 'dispute');
  if (days !== undefined) lifecycle.advanceBy(days * secondsPerDay);
  if (customer !== undefined) return redirect(makePortalSession(world, customer, world.publicUrl).url);
  if (event !== undefined && deliveries.endpoints.length > 0) await deliveries.deliver(event);
  const status = word(request.form, 'status', ['won', 'lost', 'warning_closed']);
  if (dispute !== undefined && status !== undefined) lifecycle.closeDispute(dispute, status);
  return redirect('/');
}

function homeBody(world: World, deliveries: Deliveries): Html {
  const customers = [...world.tables.customer.values()].toReversed();
  const events = [...world.tables.event.values()].toReversed().slice(0, eventsShown);
  const rows = events.map((event) => eventRow(event, deliveries));
  return html`<p>It is ${day(world.now())} here.</p>
    <form method="post" action="/">
      ${[1, 7, 31].map((days) => html`<button name="days" value="${days}">${days === 1 ? '1 day' : `${days} days`} later</button>`)}
    </form>
    <h2>Customers</h2>
    ${customers.length > 0 ? customers.map((one) => customerRow(world, one.id, isDeleted(one))) : html`<p>None yet.</p>`}
    ${disputeList(world)}
    <h2>Events, newest first</h2>
    <table>
      <thead>
        <tr>
          <th scope="col">Type</th>
          <th scope="col">Delivery</th>
          <th scope="col">Again</th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>`;
}

function customerRow(world: World, id: string, deleted: boolean): Html {
  if (deleted) return html`<p>${id} (deleted)</p>`;
  const own = [...world.tables.subscription.values()].filter((one) => one.customer === id);
  const states = own.map((one) => one.status).join(', ') || 'no subscription';
  return html`<form method="post" action="/">
    <button name="customer" value="${id}">Portal of ${id}</button> <span>${states}</span>
  </form>`;
}

function disputeList(world: World): Html {
  const open = [...world.tables.dispute.keys()].filter((id) => !isDecided(disputeNamed(world, id)));
  if (open.length === 0) return html``;
  const forms = open.map(
    (id) =>
      html`<form method="post" action="/">
        <label
          >Dispute ${id} ends as
          <select name="status">
            <option>won</option>
            <option>lost</option>
            <option>warning_closed</option>
          </select>
        </label>
        <button name="dispute" value="${id}">Decide</button>
      </form>`,
  );
  return html`<h2>Open disputes</h2>
    ${forms}`;
}

function eventRow(event: EventRecord, deliveries: Deliveries): Html {
  const last = deliveries.log.findLast((result) => result.eventId === event.id);
  return html`<tr>
    <td>${event.type}</td>
    <td>${last ? last.status || 'unreachable' : 'not sent'}</td>
    <td>
      <form method="post" action="/">
        <button name="event" value="${event.id}" aria-label="Send ${event.type} again">Send</button>
      </form>
    </td>
  </tr>`;
}
