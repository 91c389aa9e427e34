/** Problems and failed replies are in the requested language. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { languages, say } from '../../server/languages/catalog.ts';
import { failureSentence } from '../../server/languages/failed-reply.ts';
import { openEventStream, request, signIn, type Answer, type Client } from '../client.ts';
import { openBrowserSocket, openFeedSocket } from '../events/feed-socket.ts';
import { startFakeGemini } from '../fakes/gemini.ts';
import { askAt, startProduct, type RunningProduct } from '../harness.ts';
import { describeModes } from '../modes.ts';

const cleanUp = new AsyncDisposableStack();
afterAll(() => cleanUp.disposeAsync());
const origin = 'https://app.example.com';

describeModes('the language of the reader', (mode) => {
  let running: RunningProduct;
  let user: Client;

  beforeAll(async () => {
    const fake = cleanUp.use(await startFakeGemini());
    const place = cleanUp.use(await mode.place());
    running = cleanUp.use(await startProduct(place, { environment: { ...askAt(fake), CORS_ORIGINS: origin } }));
    user = await signIn(running.url);
  });

  const missing = (headers: Record<string, string>): Promise<Answer> =>
    user.call('GET', '/chatroom/999999999', { headers });

  it.each([
    ['es', 'es'],
    ['es-MX,es;q=0.9,en;q=0.8', 'es'],
    ['ja;q=0.1, ar;q=0.9', 'ar'],
    ['HI-in', 'hi'],
    ['fr, ja;q=0.5', 'ja'],
    ['fr', 'en'],
    ['*', 'en'],
    ['', 'en'],
    [';;;,,q=', 'en'],
    [`${'x-y,'.repeat(2000)}es`, 'en'],
  ])('of a problem is chosen by Accept-Language: %s', async (header, language) => {
    const { status, headers, body } = await missing({ 'accept-language': header });
    expect(status).toBe(404);
    expect(headers.get('content-language')).toBe(language);
    expect(headers.get('vary')).toContain('Accept-Language');
    expect(body).toMatchObject({
      code: 'not_found',
      type: '/problems#not-found',
      title: say(language, 'title.not-found'),
      detail: say(language, 'problem.not-found'),
    });
  });

  it('keeps other values of Vary', async () => {
    const { headers } = await missing({ origin, 'accept-language': 'es' });
    expect(headers.get('vary')?.split(/, */)).toEqual(expect.arrayContaining(['Origin', 'Accept-Language']));
  });

  it.each(languages)('applies to fields, values and refusals of the router: %s', async (language) => {
    const headers = { 'accept-language': language };
    const invalid = await user.call('POST', '/chatroom', { headers, body: { name: '' } });
    expect(invalid).toMatchObject({ status: 422, body: { detail: say(language, 'problem.validation-failed') } });
    expect(invalid.body.errors).toEqual([
      { pointer: '/name', detail: say(language, 'field.min-length', { limit: 1 }) },
    ]);
    const wrong = await request('POST', `${running.url}/auth/signup`, { headers, body: { mobile_number: 'none' } });
    expect(wrong.body.detail).toBe(say(language, 'problem.validation-failed.number'));
    const unreadable = await request('GET', `${running.url}/%`, { headers });
    expect(unreadable.body.detail).toBe(say(language, 'problem.bad-request.url'));
    expect(unreadable.headers.get('content-language')).toBe(language);
    const nowhere = await request('GET', `${running.url}/nothing`, { headers });
    expect(nowhere.body.detail).toBe(say(language, 'problem.not-found'));
  });

  it('applies to a failed reply wherever it is read', async () => {
    const streams = await Promise.all(
      ['en', 'hi', 'ja'].map(async (language) => {
        const authorization = `Bearer ${user.tokens.access_token}`;
        const stream = await openEventStream(`${running.url}/events`, { authorization, 'accept-language': language });
        return { language, stream: cleanUp.use(stream) };
      }),
    );
    const room = await user.room();
    const asked = await user.ask(room, 'What nobody may ask [[fail:400]]');
    const { id } = asked.body.reply;
    const english = await user.waitForReply(room);
    expect(english).toMatchObject({ status: 'failed', code: 'request_refused', charged: false });
    expect(english.content).toBe(failureSentence('en', 'request_refused', false));
    const tags = new Set<string | null>();
    for (const language of languages) {
      const headers = { 'accept-language': language };
      const sentence = failureSentence(language, 'request_refused', false);
      const list = await user.call('GET', `/chatroom/${room}/messages`, { headers });
      const single = await user.call('GET', `/chatroom/${room}/messages/${id}`, { headers });
      expect(list.body.at(-1)).toEqual({ ...english, content: sentence });
      expect(list.body[0].content).toBe('What nobody may ask [[fail:400]]');
      expect(single.body).toEqual({ ...english, content: sentence });
      expect(single.headers.get('vary')).toContain('Accept-Language');
      tags.add(single.headers.get('etag'));
    }
    expect(tags.size).toBe(languages.length);
    for (const { language, stream } of streams) {
      const { event } = await stream.next(({ type }) => type === 'reply.failed');
      const sentence = failureSentence(language, 'request_refused', false);
      expect(event).toMatchObject({ message_id: id, message: { ...english, content: sentence } });
    }
    // A resumed feed sends what it missed in the language of the new request.
    const authorization = `Bearer ${user.tokens.access_token}`;
    const first = streams[0]!.stream.received[0]!.id;
    const headers = { authorization, 'accept-language': 'ar', 'last-event-id': first };
    await using late = await openEventStream(`${running.url}/events`, headers);
    const { event } = await late.next(({ type }) => type === 'reply.failed');
    expect(event).toMatchObject({ message: { content: failureSentence('ar', 'request_refused', false) } });
  });

  it('of a socket is that of its request, or of the request for its ticket', async () => {
    const { url } = running;
    const options = { headers: { 'accept-language': 'hi' } };
    const { body } = await user.call('POST', '/events/ticket', { headers: { 'accept-language': 'es-MX,en;q=0.5' } });
    const { body: unnamed } = await user.call('POST', '/events/ticket', { headers: { 'accept-language': '*' } });
    const spanish = { 'accept-language': 'es' };
    const feeds = {
      hi: await openFeedSocket(user, { url, options }),
      ja: await openBrowserSocket(user, { url, language: 'ja' }),
      en: await openBrowserSocket(user, { url }),
      // The ticket counts more, since browsers choose the headers of what it opens.
      'es-MX': await openEventStream(`${url}/events?ticket=${body.ticket}`, { 'accept-language': 'ja' }),
      es: await openEventStream(`${url}/events?ticket=${unnamed.ticket}`, spanish),
    };
    for (const feed of Object.values(feeds)) cleanUp.use(feed);
    await user.ask(await user.room(), 'What nobody may ask [[fail:400]]');
    for (const [language, feed] of Object.entries(feeds)) {
      const { event } = await feed.next(({ type }) => type === 'reply.failed');
      const content = failureSentence(language.slice(0, 2), 'request_refused', false);
      expect(event).toMatchObject({ message: { content } });
    }
  });
});
