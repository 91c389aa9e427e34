/** Checks of billing: the endpoint for events at the payment service, events here, and prices. */
import { relevantEvents } from '../../subscriptions/event-types.ts';
import type { WebhookFacts } from '../../ports/payments.ts';
import { readBillingFacts } from './doctor-store.ts';
import { fault, ok, warning, type Check, type DoctorDeps, type Finding } from './finding.ts';

const path = '/subscribe/webhook';
const everything = '*';

export const billingChecks: readonly Check[] = [
  {
    subject: 'webhook',
    otherwise: 'See that STRIPE_SECRET_KEY is right, and that this machine reaches Stripe.',
    async run({ payments, config: { frontendUrl } }) {
      if (payments === null) return [ok('billing', 'Nothing is sold.')];
      const ours = (await payments.listWebhooks()).filter(({ url }) => new URL(url).pathname.endsWith(path));
      const enabled = ours.filter(({ isEnabled }) => isEnabled);
      if (enabled.length === 0) {
        const found =
          ours.length === 0
            ? `Stripe sends no events to ${path}.`
            : `Stripe has disabled the endpoint ${ours[0]!.url}.`;
        return [
          fault(
            'webhook',
            found,
            `In Stripe's dashboard, have events sent to https://YOUR-SERVER${path} (docs/billing.md).`,
          ),
        ];
      }
      return [place(enabled, frontendUrl), events(enabled)];
    },
  },
  {
    subject: 'billing events',
    otherwise: 'See whether the database is overloaded.',
    async run({ db, payments }) {
      if (payments === null) return [];
      const { newestSeconds, waiting, missed } = await readBillingFacts(db);
      if (waiting > 0) {
        return [
          fault(
            'billing events',
            `${waiting} have waited for more than ten minutes.`,
            'Read the log of the workers; then npm run admin -- billing events shows what became of them.',
          ),
        ];
      }
      const found = newestSeconds === null ? 'None was ever received.' : `The last one came ${ago(newestSeconds)} ago.`;
      if (!missed) return [ok('billing events', found)];
      return [
        fault(
          'billing events',
          `${found} Something was paid since.`,
          "See in Stripe's dashboard why events to the endpoint fail; until then, changes are noticed once a day.",
        ),
      ];
    },
  },
  {
    subject: 'prices',
    otherwise: 'See that the prices of CATALOG or STRIPE_PRO_PRICE_ID exist in this account and mode of Stripe.',
    run: checkPrices,
  },
];

async function checkPrices({ payments, plans }: DoctorDeps): Promise<readonly Finding[]> {
  const ids = plans.all.flatMap(({ stripePrices }) => stripePrices);
  if (payments === null || ids.length === 0) return [];
  const known = await payments.readPrices(ids);
  const missing = ids.filter((id) => !known.has(id));
  if (missing.length === 0) return [ok('prices', `All ${ids.length} exist.`)];
  return [
    warning(
      'prices',
      `Not one amount for a period: ${missing.join(', ')}.`,
      'Use recurring prices that are neither metered nor tiered.',
    ),
  ];
}

function place(enabled: readonly WebhookFacts[], frontendUrl: string | null): Finding {
  const urls = enabled.map(({ url }) => url);
  const host = frontendUrl === null ? null : new URL(frontendUrl).host;
  if (host === null || urls.some((url) => new URL(url).host === host)) {
    return ok('webhook', `Stripe sends events to ${urls.join(' and ')}.`);
  }
  return warning(
    'webhook',
    `Stripe sends events to ${urls.join(' and ')}, but FRONTEND_URL is at ${host}.`,
    'Change one of them, unless the API has an address of its own.',
  );
}

function events(enabled: readonly WebhookFacts[]): Finding {
  const sent = new Set(enabled.flatMap((one) => one.events));
  const missing = sent.has(everything) ? [] : [...relevantEvents].filter((type) => !sent.has(type));
  if (missing.length === 0) return ok('webhook', 'Stripe sends all events that matter.');
  return warning(
    'webhook',
    `Stripe does not send ${missing.join(', ')}.`,
    "Add them to the endpoint in Stripe's dashboard; until then, changes are noticed once a day.",
  );
}

function ago(seconds: number): string {
  const hours = seconds / 3600;
  if (hours < 1) return `${Math.max(1, Math.round(seconds / 60))} min`;
  return hours < 48 ? `${Math.round(hours)} h` : `${Math.round(hours / 24)} days`;
}
