/** Products and prices, the plan a subscription item still carries, and the arithmetic of billing periods. */
import type Stripe from 'stripe';
import { noSuch } from '../wire/errors.ts';
import { secondsPerDay, type World } from '../world.ts';
import type { PlanRecord, PriceRecord, ProductRecord } from '../records.ts';

export function makeProduct(
  world: World,
  fields: Partial<Omit<ProductRecord, 'object'>> & { name: string },
): ProductRecord {
  const product: ProductRecord = {
    id: world.newId('prod'),
    object: 'product',
    active: true,
    created: world.now(),
    default_price: null,
    description: null,
    images: [],
    livemode: false,
    marketing_features: [],
    metadata: {},
    package_dimensions: null,
    shippable: null,
    statement_descriptor: null,
    tax_code: null,
    tax_details: null,
    type: 'service',
    unit_label: null,
    updated: world.now(),
    url: null,
    ...fields,
  };
  world.tables.product.set(product.id, product);
  world.emit('product.created', product);
  return product;
}

/** Makes a price; recurring by the month unless said otherwise. */
export function makePrice(
  world: World,
  fields: Partial<Omit<PriceRecord, 'object'>> & { product: string; unit_amount: number },
): PriceRecord {
  const recurring = fields.recurring === undefined ? monthly : fields.recurring;
  const price: PriceRecord = {
    id: world.newId('price'),
    object: 'price',
    active: true,
    billing_scheme: 'per_unit',
    created: world.now(),
    currency: 'usd',
    custom_unit_amount: null,
    livemode: false,
    lookup_key: null,
    metadata: {},
    nickname: null,
    tax_behavior: 'unspecified',
    tiers_mode: null,
    transform_quantity: null,
    unit_amount_decimal: String(fields.unit_amount),
    ...fields,
    recurring,
    type: recurring ? 'recurring' : 'one_time',
  };
  world.tables.price.set(price.id, price);
  world.emit('price.created', price);
  return price;
}

const monthly: Stripe.Price.Recurring = {
  interval: 'month',
  interval_count: 1,
  meter: null,
  trial_period_days: null,
  usage_type: 'licensed',
};

export function priceNamed(world: World, id: string, param: string): PriceRecord {
  const price = world.tables.price.get(id);
  if (!price) throw noSuch('price', id, param);
  return price;
}

/** The legacy plan that mirrors a recurring price on every subscription item. */
export function planOf(price: PriceRecord): PlanRecord {
  return {
    id: price.id,
    object: 'plan',
    active: price.active,
    amount: price.unit_amount,
    amount_decimal: price.unit_amount_decimal,
    billing_scheme: price.billing_scheme,
    created: price.created,
    currency: price.currency,
    interval: price.recurring?.interval ?? 'month',
    interval_count: price.recurring?.interval_count ?? 1,
    livemode: false,
    metadata: price.metadata,
    meter: null,
    nickname: price.nickname,
    product: price.product,
    tiers_mode: null,
    transform_usage: null,
    trial_period_days: null,
    usage_type: 'licensed',
  };
}

/** The end of the period that begins at `start`, epoch seconds: whole intervals counted from the billing anchor, UTC. */
export function periodEnd(price: PriceRecord, anchor: number, start: number): number {
  for (let count = 1; ; count += 1) {
    const end = plusIntervals(price, anchor, count);
    if (end > start) return end;
  }
}

function plusIntervals(price: PriceRecord, anchor: number, count: number): number {
  const interval = price.recurring?.interval ?? 'month';
  const intervals = count * (price.recurring?.interval_count ?? 1);
  if (interval === 'day') return anchor + intervals * secondsPerDay;
  if (interval === 'week') return anchor + intervals * 7 * secondsPerDay;
  return plusMonths(anchor, interval === 'year' ? intervals * 12 : intervals);
}

/** A day beyond the end of the month becomes its last day, as at Stripe. */
function plusMonths(anchor: number, months: number): number {
  const from = new Date(anchor * 1000);
  const lastDay = new Date(Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + months + 1, 0)).getUTCDate();
  const to = new Date(from);
  to.setUTCDate(1);
  to.setUTCMonth(from.getUTCMonth() + months);
  to.setUTCDate(Math.min(from.getUTCDate(), lastDay));
  return Math.floor(to.getTime() / 1000);
}
