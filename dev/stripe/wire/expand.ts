/** `expand[]`: replaces ids by the objects they name and adds the lists an object shows only when asked. */
import { copyOf } from '../copy.ts';
import { invalid } from './errors.ts';
import { sublist } from './lists.ts';
import { list, type Params } from './params.ts';
import type { World } from '../world.ts';

/** The fields of each object that hold an expandable id, by dotted path. */
const expandable: Record<string, readonly string[]> = {
  'checkout.session': ['customer', 'invoice', 'subscription', 'payment_intent', 'setup_intent'],
  subscription: ['customer', 'latest_invoice', 'default_payment_method', 'schedule', 'pending_setup_intent'],
  invoice: ['customer', 'default_payment_method', 'parent.subscription_details.subscription'],
  line_item: ['subscription', 'pricing.price_details.price'],
  invoice_payment: ['invoice', 'payment.payment_intent'],
  payment_intent: ['customer', 'latest_charge', 'payment_method'],
  charge: ['customer', 'payment_intent', 'balance_transaction', 'failure_balance_transaction'],
  refund: ['charge', 'customer', 'payment_intent', 'payment_method', 'balance_transaction'],
  dispute: ['charge', 'payment_intent'],
  price: ['product'],
  plan: ['product'],
  product: ['default_price'],
  payment_method: ['customer'],
};

/** The lists an object leaves out unless they are expanded. */
const includable: Record<string, (world: World, id: string) => unknown> = {
  'checkout.session.line_items': (world, id) =>
    sublist(world.sessionNotes.get(id)?.lineItems ?? [], `/v1/checkout/sessions/${id}/line_items`),
  'invoice.payments': (world, id) =>
    sublist(
      [...world.tables.invoice_payment.values()].filter((payment) => payment.invoice === id),
      `/v1/invoice_payments?invoice=${id}`,
    ),
  'charge.refunds': (world, id) =>
    sublist(
      [...world.tables.refund.values()].filter((refund) => refund.charge === id).toReversed(),
      `/v1/charges/${id}/refunds`,
    ),
  'customer.subscriptions': (world, id) =>
    sublist(
      [...world.tables.subscription.values()].filter((one) => one.customer === id && one.status !== 'canceled'),
      `/v1/customers/${id}/subscriptions`,
    ),
};

type Node = Record<string, unknown>;

/** Returns a copy of a stored object or list with the request's `expand[]` paths expanded, at most four levels. */
export function expanded(world: World, stored: object, params: Params): object {
  const answer = copyOf(stored) as Node;
  for (const path of list(params, 'expand')) {
    if (typeof path !== 'string') throw invalid('Invalid array', { param: 'expand' });
    const steps = path.split('.');
    if (steps.filter((step) => step !== 'data').length > 4) {
      throw invalid('You cannot expand more than 4 levels of a property.', { param: 'expand' });
    }
    open(world, answer, steps, path, { type: String(answer.object), at: '' });
  }
  return answer;
}

function open(world: World, node: Node, steps: string[], path: string, place: { type: string; at: string }): void {
  const [step, ...rest] = steps;
  if (step === undefined) return;
  const at = place.at === '' ? step : `${place.at}.${step}`;
  const include = includable[`${place.type}.${at}`];
  if (include && node[step] === undefined) node[step] = copyOf(include(world, String(node.id)));
  if (typeof node[step] === 'string' && expandable[place.type]?.includes(at)) {
    const found = recordOf(world, node[step]);
    if (found) node[step] = copyOf(found);
  }
  const value = node[step];
  if (!mayBeOpened(value, place.type, at)) {
    throw invalid(`This property cannot be expanded (${path}).`, { param: 'expand' });
  }
  for (const inner of Array.isArray(value) ? value : [value]) {
    if (!isNode(inner)) continue;
    const type = typeof inner.object === 'string' ? inner.object : place.type;
    open(world, inner, rest, path, { type, at: typeof inner.object === 'string' ? '' : at });
  }
}

/** Null and lists are passed over in silence, as is an id of something the fake does not keep. */
function mayBeOpened(value: unknown, type: string, at: string): boolean {
  return typeof value === 'object' ? value !== undefined : expandable[type]?.includes(at) === true;
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null;
}

function recordOf(world: World, id: string): object | undefined {
  for (const table of Object.values(world.tables)) {
    const found = table.get(id);
    if (found) return found as object;
  }
  return undefined;
}
