/** A small round-robin load balancer: it tries the next process when one refuses the connection. */
import http from 'node:http';

export interface BalancedAnswer {
  readonly status: number;
  readonly body: any;
}

export interface Balancer {
  /** Returns the answer, or the error's code when an accepted connection broke. */
  send(method: string, path: string, options?: { token?: string; body?: unknown }): Promise<BalancedAnswer | string>;
  /** Connections that were refused and tried at another process. */
  readonly refused: number;
}

const roundsToTry = 200;
const roundPauseMs = 50;

export function balance(urls: readonly string[]): Balancer {
  let turn = 0;
  let refused = 0;
  return {
    get refused() {
      return refused;
    },
    async send(method, path, options = {}) {
      for (let tried = 0; tried < urls.length * roundsToTry; tried++) {
        const answer = await attempt(method, `${urls[turn++ % urls.length]}${path}`, options);
        if (answer !== 'ECONNREFUSED') return answer;
        refused++;
        if (tried % urls.length === urls.length - 1) await new Promise((resolve) => setTimeout(resolve, roundPauseMs));
      }
      return 'nobody takes connections';
    },
  };
}

/** One connection per request: if it is not refused, it was accepted and must be answered. */
function attempt(
  method: string,
  url: string,
  { token, body }: { token?: string; body?: unknown },
): Promise<BalancedAnswer | string> {
  const { promise, resolve } = Promise.withResolvers<BalancedAnswer | string>();
  const text = body === undefined ? '' : JSON.stringify(body);
  const headers = {
    ...(body !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
  };
  const request = http.request(url, { method, headers, agent: false, timeout: 20_000 }, (response) => {
    let received = '';
    response.setEncoding('utf8');
    response.on('data', (chunk: string) => (received += chunk));
    response.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    response.on('end', () => resolve({ status: response.statusCode ?? 0, body: parse(received) }));
  });
  request.on('timeout', () => request.destroy(new Error('no answer in 20 s')));
  request.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  request.end(text);
  return promise;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
