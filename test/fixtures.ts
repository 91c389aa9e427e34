/** Fixtures of a running product, shared by the tests of a file and closed after the last one. */
import { describe, test } from 'vitest';
import { startFakeStripe } from '../dev/stripe/fake-stripe.ts';
import { signIn } from './client.ts';
import { startFakeGemini } from './fakes/gemini.ts';
import {
  anyPlace,
  askAt,
  startProduct,
  type Environment,
  type Place,
  type RunningProduct,
  type StartOptions,
} from './harness.ts';
import { modes, type Mode } from './modes.ts';
import { sqlOf } from './sql.ts';
import { sellThrough } from './subscriptions/shop.ts';

export interface ProductSettings extends StartOptions {
  /** Creates the place for its state; by default PostgreSQL and Redis if this machine has them. */
  readonly open?: () => Promise<Place>;
  /** The mode of a suite of `testModes`, instead of `open`. */
  readonly mode?: Mode;
}

const file = { scope: 'file' } as const;
const noVendors: Environment = {};

interface Startable {
  beforeAll(hook: (context: { readonly running: RunningProduct }) => void): void;
}

/** Starts the product before the first test, under the time limit of a hook. */
function startFirst<T extends Startable>(it: T): T {
  it.beforeAll(({ running }) => void running);
  return it;
}

/** Runs a suite in each mode with the `it` that `testIn` returns, called outside `describe` because it has file fixtures. */
export function testModes<T extends Startable>(
  name: string,
  testIn: (mode: Mode) => T,
  suite: (it: T, mode: Mode) => void,
) {
  for (const mode of modes) {
    const it = testIn(mode);
    describe.skipIf(!mode.possible)(`${name}, ${mode.name}`, () => {
      suite(startFirst(it), mode);
    });
  }
}

function withProduct({ mode, open = mode?.place ?? anyPlace, ...options }: ProductSettings = {}) {
  return test
    .extend('place', file, async ({}, { onCleanup }) => {
      const place = await open();
      onCleanup(() => place[Symbol.asyncDispose]());
      return place;
    })
    .extend('vendors', file, noVendors)
    .extend('running', file, async ({ place, vendors }, { onCleanup }) => {
      const environment = { ...vendors, ...options.environment };
      const running = await startProduct(place, { ...options, environment });
      onCleanup(() => running[Symbol.asyncDispose]());
      return running;
    })
    .extend('second', file, async ({ place, running, vendors }, { onCleanup }) => {
      // A folder has one process.
      if (place.environment.DATABASE_URL === undefined) return running;
      const environment = { ...vendors, ...options.environment };
      const second = await startProduct(place, { ...options, environment, role: 'api' });
      onCleanup(() => second[Symbol.asyncDispose]());
      return second;
    })
    .extend('url', file, ({ running }) => running.url)
    .extend('sql', file, ({ running }) => sqlOf(running))
    .extend('user', ({ running }) => signIn(running.url));
}

/** `it` with a product: `user` is a new account in each test, `second` another API process where there can be one. */
export function productTest(settings?: ProductSettings) {
  const it = withProduct(settings);
  return settings?.mode ? it : startFirst(it);
}

/** `it` with a product whose model is the fake Gemini `gemini`. */
export function askingTest(settings?: ProductSettings) {
  const it = withProduct(settings)
    .extend('gemini', file, async ({}, { onCleanup }) => {
      const gemini = await startFakeGemini();
      onCleanup(() => gemini[Symbol.asyncDispose]());
      return gemini;
    })
    .extend('vendors', file, ({ gemini }) => askAt(gemini));
  return settings?.mode ? it : startFirst(it);
}

/** `it` with a product that sells through the fake Stripe `stripe`. */
export function sellingTest(settings?: ProductSettings) {
  const it = withProduct(settings)
    .extend('stripe', file, async ({}, { onCleanup }) => {
      const stripe = await startFakeStripe();
      onCleanup(() => stripe[Symbol.asyncDispose]());
      return stripe;
    })
    .extend('vendors', file, ({ stripe }) => sellThrough(stripe));
  return settings?.mode ? it : startFirst(it);
}
