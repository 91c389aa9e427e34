/** Random histories: no step fails, every history ends, and the last event of an object has its final state. */
import { afterAll, expect, it } from 'vitest';
import { Stripe } from 'stripe';
import { randomFrom } from '../../test/random.ts';
import { startFakeStripe } from './fake-stripe.ts';
import { possibleSteps } from './histories.ts';

const fake = await startFakeStripe();
const stripe = new Stripe(fake.secretKey, { ...fake.clientConfig, telemetry: false });
const prices = {
  sold: [fake.proPriceId, fake.createPrice({ id: 'price_of_max', unitAmount: 2000 }).id],
  other: fake.createPrice({ id: 'price_of_nothing', unitAmount: 100 }).id,
};
afterAll(() => fake[Symbol.asyncDispose]());

function describeFailure(seed: number, story: readonly string[], work: () => void): void {
  try {
    work();
  } catch (cause) {
    throw new Error(`seed ${seed}: ${story.join(' → ')}`, { cause });
  }
}

it('120 random histories run to their end', { timeout: 60_000 }, async () => {
  for (let seed = 1; seed <= 120; seed += 1) {
    fake.reset();
    const random = randomFrom(seed);
    const customer = fake.createCustomer();
    const story: string[] = [];
    for (let count = 0; count < 14; count += 1) {
      const steps = possibleSteps(fake, customer.id, prices);
      const step = steps[random(Math.max(1, steps.length))];
      if (!step) break;
      story.push(step.name);
      describeFailure(seed, story, () => step.run());
    }
    const subscriptions = await stripe.subscriptions.list({ customer: customer.id, status: 'all', limit: 100 });
    const events = fake.events();
    for (const subscription of subscriptions.data) {
      const last = events.findLast((event) => (event.data.object as { id: string }).id === subscription.id);
      const told = last?.data.object as Stripe.Subscription;
      expect([told.status, told.latest_invoice], `seed ${seed}: ${story.join(' → ')}`).toEqual([
        subscription.status,
        subscription.latest_invoice,
      ]);
    }
  }
});
