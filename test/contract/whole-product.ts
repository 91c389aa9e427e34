/** The product with every vendor, each a fake that speaks the vendor's wire protocol. */
import { startFakeGemini, type FakeGemini } from '../fakes/gemini.ts';
import { startFakeStripe, type FakeStripe } from '../../dev/stripe/fake-stripe.ts';
import { anyPlace, askAt, startProduct, type Environment, type Place, type RunningProduct } from '../harness.ts';

export interface WholeProduct extends AsyncDisposable {
  readonly running: RunningProduct;
  readonly url: string;
  readonly stripe: FakeStripe;
  readonly gemini: FakeGemini;
}

export interface WholeProductOptions {
  /** Where it keeps its state; by default PostgreSQL and Redis if this machine has them. Closed with the product. */
  readonly open?: () => Promise<Place>;
  readonly environment?: Environment;
}

/** Starts it. Dispose closes the product, then its place and vendors. */
export async function startWholeProduct({
  open = anyPlace,
  environment = {},
}: WholeProductOptions = {}): Promise<WholeProduct> {
  await using opened = new AsyncDisposableStack();
  const gemini = opened.use(await startFakeGemini({ usual: { kind: 'answer', chunks: 2 }, keepRequests: 100 }));
  const stripe = opened.use(await startFakeStripe());
  const place = opened.use(await open());
  const running = opened.use(
    await startProduct(place, {
      environment: {
        ...askAt(gemini),
        STRIPE_SECRET_KEY: stripe.secretKey,
        STRIPE_WEBHOOK_SECRET: 'whsec_test',
        STRIPE_PRO_PRICE_ID: stripe.proPriceId,
        STRIPE_API_BASE: stripe.url,
        ...environment,
      },
    }),
  );
  const all = opened.move();
  return { running, url: running.url, stripe, gemini, [Symbol.asyncDispose]: () => all.disposeAsync() };
}
