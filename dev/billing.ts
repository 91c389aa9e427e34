/** `npm run dev:billing`: the product with a fake Stripe, to try upgrade, failure, cancellation and refund in a browser. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { startFakeStripe } from './stripe/fake-stripe.ts';

if (process.argv.includes('--help')) {
  process.stdout.write(`Usage: npm run dev:billing

Runs the product on PORT (8000) beside a fake Stripe on STRIPE_PORT (12111).
Sign in, POST /subscribe/pro, and open the url it answers: the page there pays, fails or waits.
The portal at POST /subscribe/portal cancels, resumes, renews and refunds.
The fake forgets everything when it ends, so the product gets a folder of its own that goes with it; set DATA_DIR or
DATABASE_URL to keep one.
`);
  process.exit(0);
}

const port = process.env.PORT ?? '8000';
const webhookSecret = 'whsec_dev_billing';
const fake = await startFakeStripe({
  port: Number(process.env.STRIPE_PORT ?? 12_111),
  automatic: true,
  endpoints: [{ url: `http://127.0.0.1:${port}/subscribe/webhook`, secret: webhookSecret }],
});
const passingDir = await mkdtemp(path.join(os.tmpdir(), 'pollux-billing-'));
const main = fileURLToPath(new URL('../server/main.ts', import.meta.url));
const server = spawn(process.execPath, ['--watch', main], {
  stdio: 'inherit',
  env: {
    DATA_DIR: passingDir,
    ...process.env,
    STRIPE_SECRET_KEY: fake.secretKey,
    STRIPE_WEBHOOK_SECRET: webhookSecret,
    STRIPE_PRO_PRICE_ID: fake.proPriceId,
    STRIPE_API_BASE: fake.url,
  },
});
process.stdout.write(`\n  Fake Stripe  ${fake.url}  (customers, events and their pages)\n`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => server.kill(signal));
server.on('exit', (code) => {
  process.exitCode = code ?? 0;
  void fake[Symbol.asyncDispose]();
  void rm(passingDir, { recursive: true, force: true });
});
