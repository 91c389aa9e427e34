/** Runs the fake Stripe for a developer without a Stripe account: `npm run dev:billing`. */
import { parseArgs } from 'node:util';
import { startFakeStripe } from './fake-stripe.ts';

const usage = `Usage: npm run dev:billing -- [options]

A fake Stripe on this machine: the API, a Checkout page, a billing portal and webhooks. No money moves.

  --port N          port to listen on (default 12111)
  --webhook URL     where events are sent (default http://127.0.0.1:8000/subscribe/webhook)
  --secret WHSEC    signing secret of the webhook (default whsec_fake)
  --thin-webhook URL and --thin-secret WHSEC   an endpoint for thin events, besides
  --help            this text
`;

const options = {
  port: { type: 'string', default: '12111' },
  webhook: { type: 'string', default: 'http://127.0.0.1:8000/subscribe/webhook' },
  secret: { type: 'string', default: 'whsec_fake' },
  'thin-webhook': { type: 'string' },
  'thin-secret': { type: 'string', default: 'whsec_fake_thin' },
  help: { type: 'boolean', default: false },
} as const;

type Settings = ReturnType<typeof parseArgs<{ options: typeof options }>>['values'];

await main();

async function main(): Promise<void> {
  try {
    const { values } = parseArgs({ options });
    if (values.help) process.stdout.write(usage);
    else await run(values);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    process.exitCode = 1;
  }
}

async function run(values: Settings): Promise<void> {
  const thinUrl = values['thin-webhook'];
  const thin = thinUrl ? [{ url: thinUrl, secret: values['thin-secret'], thin: true }] : [];
  const fake = await startFakeStripe({
    port: Number(values.port),
    automatic: true,
    endpoints: [{ url: values.webhook, secret: values.secret }, ...thin],
  });
  process.stdout.write(`Fake Stripe: ${fake.url} (customers, events, clock). Start the server with:

STRIPE_SECRET_KEY=${fake.secretKey}
STRIPE_WEBHOOK_SECRET=${values.secret}
STRIPE_PRO_PRICE_ID=${fake.proPriceId}
STRIPE_API_BASE=${fake.url}

Events go to ${values.webhook}. Ctrl+C ends it.
`);
  const stopped = Promise.withResolvers<void>();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopped.resolve());
  await stopped.promise;
  await fake[Symbol.asyncDispose]();
}
