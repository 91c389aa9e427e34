/** Metrics of the models and plans on offer. */
import { Gauge, type Registry } from 'prom-client';
import type { Catalog, ModelEntry } from '../config/catalog.ts';

/** Its members change with a reload. */
export type Offered = Pick<Catalog, 'models' | 'plans'>;

const dayMs = 24 * 3_600_000;

/** `countPlan` makes the counter of a plan exist: an increase is only seen from a value that was there before. */
export function watchOffer(registers: Registry[], offered: Offered, countPlan: (plan: string) => void): void {
  new Gauge({
    name: 'pollux_model_price_missing',
    help: '1 for a model without a price in the catalog: its calls are entered at no cost.',
    labelNames: ['model'],
    registers,
    collect() {
      this.reset();
      for (const { id, price } of offered.models) this.labels(id).set(price === null ? 1 : 0);
      for (const { id } of offered.plans) countPlan(id);
    },
  });
  new Gauge({
    name: 'pollux_model_price_age_days',
    help: 'Days since the price of a model was read from the price page of its vendor; none for a model that costs nothing.',
    labelNames: ['model'],
    registers,
    collect() {
      this.reset();
      for (const model of offered.models) {
        const asOf = pricedOn(model);
        if (asOf !== null) this.labels(model.id).set(Math.floor((Date.now() - Date.parse(asOf)) / dayMs));
      }
    },
  });
}

function pricedOn({ price }: ModelEntry): string | null {
  return price !== null && price.input + price.output > 0 ? price.asOf : null;
}
