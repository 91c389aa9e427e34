/** One product and one browser for the tests of a `describe`. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { startWholeProduct, type WholeProduct, type WholeProductOptions } from '../contract/whole-product.ts';
import { startBrowser } from './visitor.ts';

/** Both exist in hooks after this one. */
export interface Shared {
  readonly browser: Browser;
  readonly product: WholeProduct;
}

export interface SharedOptions extends WholeProductOptions {
  /** The browser shows notifications. */
  readonly notifies?: boolean;
}

/** Starts them before the first test, and closes them after the last. */
export function shareBrowser({ notifies = false, ...options }: SharedOptions = {}): Shared {
  const stack = new AsyncDisposableStack();
  let started: Shared | undefined;
  beforeAll(async () => {
    const [product, browser] = await Promise.all([startWholeProduct(options), startBrowser({ notifies })]);
    stack.use(product);
    stack.defer(() => browser.close());
    started = { product, browser };
  });
  afterAll(() => stack.disposeAsync());
  return {
    get browser() {
      return started!.browser;
    },
    get product() {
      return started!.product;
    },
  };
}
