/** Calls the fake vendor directly at a given concurrency and reports the time to first byte of each answer. */
import http from 'node:http';

export interface VendorTask {
  readonly url: string;
  readonly asking: number;
  readonly question: string;
  /** They begin spread over this time. */
  readonly spreadMs: number;
  readonly seconds: number;
}

export interface VendorReport {
  readonly firstMs: readonly number[];
}

const path = '/v1beta/models/gemini-3.5-flash-lite:streamGenerateContent?alt=sse';
const agent = new http.Agent({ keepAlive: true });

process.once('message', (task) => void run(task as VendorTask));

async function run({ url, asking, question, spreadMs, seconds }: VendorTask): Promise<void> {
  const body = JSON.stringify({ contents: [{ role: 'user', parts: [{ text: question }] }] });
  const endAt = performance.now() + seconds * 1000;
  const firstMs: number[] = [];
  await Promise.all(
    Array.from({ length: asking }, async (_, index) => {
      await new Promise((resolve) => setTimeout(resolve, (spreadMs * index) / asking));
      while (performance.now() < endAt) firstMs.push(await firstByte(url + path, body));
    }),
  );
  process.send?.({ firstMs } satisfies VendorReport, () => process.exit(0));
}

function firstByte(url: string, body: string): Promise<number> {
  const askedAt = performance.now();
  const headers = { 'content-type': 'application/json', 'x-goog-api-key': 'a-key-for-benchmarks' };
  return new Promise((resolve, reject) => {
    const request = http.request(url, { method: 'POST', headers, agent }, (response) => {
      let firstMs = 0;
      response.on('data', () => {
        firstMs ||= performance.now() - askedAt;
      });
      response.once('end', () => resolve(firstMs));
    });
    request.once('error', reject);
    request.end(body);
  });
}
