/** A fake Twilio: an HTTP server that speaks the vendor's REST call for sending a message. */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { listen } from './listen.ts';

interface SentMessage {
  readonly to: string;
  readonly from: string | null;
  readonly messagingServiceSid: string | null;
  readonly body: string;
  readonly at: number;
}

/**
 * `error` answers Twilio's error JSON, `hang` never answers, `reset` cuts the connection before the message is accepted,
 * `lost` accepts the message and cuts the connection instead of answering.
 */
export type TwilioBehaviour =
  | { readonly kind: 'error'; readonly status: number; readonly code: number; readonly message?: string }
  | { readonly kind: 'hang' | 'reset' | 'lost' };

export interface FakeTwilio extends AsyncDisposable {
  readonly url: string;
  readonly accountSid: string;
  readonly authToken: string;
  /** Accepted messages, oldest first. */
  messages(): readonly SentMessage[];
  stats(): { readonly requests: number; readonly closedByClient: number };
  /** Behaviours of the next requests, one each. */
  next(...behaviours: readonly TwilioBehaviour[]): void;
}

/** Starts a fake on a free port of the loopback address, with its own account. */
export async function startFakeTwilio(): Promise<FakeTwilio> {
  const accountSid = `AC${randomBytes(16).toString('hex')}`;
  const authToken = randomBytes(16).toString('hex');
  const messages: SentMessage[] = [];
  const queue: TwilioBehaviour[] = [];
  const counts = { requests: 0, closedByClient: 0 };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    counts.requests += 1;
    let brokenByUs = false;
    response.once('close', () => {
      if (!response.writableFinished && !brokenByUs) counts.closedByClient += 1;
    });
    const form = new URLSearchParams(await text(request));
    const refused = refusalFor(request, form, accountSid, authToken);
    const behaviour = refused ?? queue.shift();
    if (behaviour?.kind === 'hang') return;
    if (behaviour?.kind === 'error') return sendError(response, behaviour);
    if (behaviour?.kind !== 'reset') messages.push(readMessage(form));
    if (behaviour !== undefined) {
      brokenByUs = true;
      request.socket.resetAndDestroy();
      return;
    }
    send(response, 201, { sid: `SM${randomBytes(16).toString('hex')}`, status: 'queued', error_code: null });
  }

  const listening = await listen(answer);
  return {
    url: listening.url,
    accountSid,
    authToken,
    messages: () => [...messages],
    stats: () => ({ ...counts }),
    next: (...behaviours) => void queue.push(...behaviours),
    [Symbol.asyncDispose]: listening[Symbol.asyncDispose],
  };
}

type Refusal = Extract<TwilioBehaviour, { kind: 'error' }>;

/** Twilio's magic numbers (https://www.twilio.com/docs/iam/test-credentials): messages to these always fail. */
const magicNumbers: Record<string, number> = {
  '+15005550001': 21_211,
  '+15005550002': 21_612,
  '+15005550003': 21_408,
  '+15005550004': 21_610,
  '+15005550009': 21_614,
};

function refusalFor(
  request: IncomingMessage,
  form: URLSearchParams,
  accountSid: string,
  authToken: string,
): Refusal | null {
  const expected = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`;
  if (request.headers.authorization !== expected) return refuse(401, 20_003, 'Authenticate');
  if (request.method !== 'POST' || request.url !== `/2010-04-01/Accounts/${accountSid}/Messages.json`) {
    return refuse(404, 20_404, `The requested resource ${request.url} was not found`);
  }
  if (!request.headers['content-type']?.startsWith('application/x-www-form-urlencoded')) {
    return refuse(400, 20_001, 'Unsupported content type');
  }
  const to = form.get('To');
  const body = form.get('Body') ?? '';
  if (to === null) return refuse(400, 21_604, "A 'To' phone number is required.");
  if (!/^\+\d{7,15}$/.test(to)) return refuse(400, 21_211, `The 'To' number ${to} is not a valid phone number.`);
  if (!form.get('From') && !form.get('MessagingServiceSid')) {
    return refuse(400, 21_603, "A 'From' phone number is required.");
  }
  if (body === '') return refuse(400, 21_602, 'Message body is required.');
  if (body.length > 1600) return refuse(400, 21_617, 'The concatenated message body exceeds the 1600 character limit');
  const magic = magicNumbers[to];
  return magic === undefined ? null : refuse(400, magic, `The message to ${to} cannot be sent.`);
}

function refuse(status: number, code: number, message: string): Refusal {
  return { kind: 'error', status, code, message };
}

function readMessage(form: URLSearchParams): SentMessage {
  return {
    to: form.get('To') ?? '',
    from: form.get('From'),
    messagingServiceSid: form.get('MessagingServiceSid'),
    body: form.get('Body') ?? '',
    at: Date.now(),
  };
}

function sendError(response: ServerResponse, { status, code, message = 'The fake was told to fail.' }: Refusal): void {
  send(response, status, { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status });
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
