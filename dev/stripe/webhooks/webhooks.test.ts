/** Events on their way: signatures the SDK verifies, bad ones it refuses, order, loss, repetition, thin events. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Stripe } from 'stripe';
import { describe, expect, it } from 'vitest';
import { startFakeStripe, type FakeStripe } from '../fake-stripe.ts';
import type { SignedRequest } from './signing.ts';

const secret = 'whsec_test';
const url = 'http://pollux.invalid/subscribe/webhook';

/** A fake whose deliveries end in a list instead of on the network. */
async function collecting(status = 200): Promise<{ fake: FakeStripe; got: SignedRequest[]; stripe: Stripe }> {
  const got: SignedRequest[] = [];
  const endpoints = [
    { url, secret },
    { url: `${url}/thin`, secret: 'whsec_thin', thin: true },
  ];
  const send = (request: SignedRequest) => {
    got.push(request);
    return Promise.resolve({ status, body: '' });
  };
  const fake = await startFakeStripe({ endpoints, send });
  return { fake, got, stripe: new Stripe(fake.secretKey, { ...fake.clientConfig, telemetry: false }) };
}

function verify(stripe: Stripe, request: SignedRequest, key = secret): Promise<Stripe.Event> {
  return stripe.webhooks.constructEventAsync(request.body, request.headers['Stripe-Signature'] ?? '', key);
}

describe('signatures', () => {
  it('verify when good, and are refused when forged, altered, stale or absent', async () => {
    const { fake, stripe } = await collecting();
    await using _closing = fake;
    fake.createCustomer({ email: 'a@example.com' });
    const id = fake.events('customer.created')[0]?.id ?? '';
    const event = await verify(stripe, fake.deliveries.request(id));
    expect(event).toMatchObject({ id, type: 'customer.created', data: { object: { email: 'a@example.com' } } });
    for (const signature of ['forged', 'altered', 'stale', 'absent'] as const) {
      const bad = fake.deliveries.request(id, { signature });
      await expect(verify(stripe, bad)).rejects.toMatchObject({ type: 'StripeSignatureVerificationError' });
    }
    const edge = fake.deliveries.request(id, { timestampOffsetSeconds: -299 });
    await expect(verify(stripe, edge)).resolves.toMatchObject({ id });
    const old = fake.deliveries.request(id, { timestampOffsetSeconds: -301 });
    await expect(verify(stripe, old)).rejects.toThrow(/tolerance/);
    // The SDK checks only the age: a receiver that rejects future timestamps must check them itself.
    const future = fake.deliveries.request(id, { timestampOffsetSeconds: 301 });
    await expect(verify(stripe, future)).resolves.toMatchObject({ id });
  });
});

describe('delivery by hand', () => {
  it('sends in any order and number, and does not send dropped events', async () => {
    const { fake, got } = await collecting();
    await using _closing = fake;
    const customer = fake.createCustomer();
    fake.subscribe(customer.id, { priceId: fake.proPriceId, payment: 'succeeds' });
    const pending = fake.deliveries.pendingEvents();
    const [first, last] = [pending[0]?.id ?? '', pending.at(-1)?.id ?? ''];
    await fake.deliveries.deliver(last);
    const results = await fake.deliveries.deliver(first, { times: 2 });
    expect(results.map((result) => result.status)).toEqual([200, 200]);
    expect(got.map((request) => (JSON.parse(request.body) as { id: string }).id)).toEqual([last, first, first]);
    fake.deliveries.drop(pending[1]?.id ?? '');
    await fake.deliveries.deliver(last, { thin: true });
    const left = fake.deliveries.pendingEvents().map((event) => event.id);
    expect(left).not.toContain(last);
    expect(left).not.toContain(pending[1]?.id);
    expect(left).toContain(pending[2]?.id);
  });

  it('leaves an event pending that the endpoint refused', async () => {
    const { fake } = await collecting(500);
    await using _closing = fake;
    fake.createCustomer();
    const id = fake.events()[0]?.id ?? '';
    expect(await fake.deliveries.deliver(id)).toMatchObject([{ eventId: id, status: 500 }]);
    expect(fake.deliveries.pendingEvents()).toHaveLength(1);
  });
});

describe('automatic delivery', () => {
  it('is sent over HTTP, and again until it is accepted', async () => {
    const bodies: string[] = [];
    const receive = async (request: IncomingMessage, response: ServerResponse) => {
      bodies.push(await text(request));
      response.writeHead(bodies.length < 3 ? 503 : 200).end('{"status":"received"}');
    };
    const server = createServer((request, response) => void receive(request, response));
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const endpoints = [{ url: `http://127.0.0.1:${port}/hook`, secret, types: ['customer.created'] }];
    const fake = await startFakeStripe({ automatic: true, endpoints, retryDelaysMs: [0, 0, 0] });
    fake.createCustomer();
    fake.createPrice();
    await fake.deliveries.settled();
    expect(fake.deliveries.log.map((result) => result.status)).toEqual([503, 503, 200]);
    expect(new Set(bodies.map((body) => (JSON.parse(body) as { type: string }).type))).toEqual(
      new Set(['customer.created']),
    );
    expect(fake.deliveries.pendingEvents()).toEqual([]);
    await fake[Symbol.asyncDispose]();
    await new Promise((resolve) => server.close(resolve));
  });
});

describe('thin events', () => {
  it('are verified, name their object and can be fetched', async () => {
    const { fake, stripe } = await collecting();
    await using _closing = fake;
    const customer = fake.createCustomer();
    const { subscription } = fake.subscribe(customer.id, { priceId: fake.proPriceId, payment: 'succeeds' });
    const snapshot = fake.events('customer.subscription.updated')[0];
    const { body, headers, url: to } = fake.deliveries.request(snapshot?.id ?? '', { thin: true });
    expect(to).toBe(`${url}/thin`);
    const signature = headers['Stripe-Signature'] ?? '';
    expect(() => stripe.parseEventNotification(body, signature, secret)).toThrow(/No signatures found/);
    const notification = stripe.parseEventNotification(body, signature, 'whsec_thin');
    if (notification.type !== 'v1.customer.subscription.updated') throw new Error(notification.type);
    expect(notification.related_object.id).toBe(subscription.id);
    expect(body).not.toContain('"items"');
    expect(await notification.fetchRelatedObject()).toMatchObject({ id: subscription.id, status: 'active' });
    expect(await notification.fetchEvent()).toMatchObject({
      snapshot_event: snapshot?.id,
      changes: { before: { status: 'incomplete' }, after: { status: 'active' } },
    });
    await expect(verify(stripe, { url, body, headers }, 'whsec_thin')).rejects.toThrow(/thin event notification/);
  });
});
