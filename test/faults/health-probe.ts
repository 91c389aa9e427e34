/** Requests `/health/live` ten times a second from a separate process, and prints the response times on SIGTERM. */
import http from 'node:http';

const url = process.argv[2] ?? '';
const everyMs = 100;
const tookMs: number[] = [];
let failed = 0;

const timer = setInterval(() => {
  const from = performance.now();
  const request = http.get(url, { agent: false, timeout: 10_000 }, (response) => {
    response.resume();
    response.on('end', () => {
      tookMs.push(performance.now() - from);
      if (response.statusCode !== 200) failed++;
    });
  });
  request.on('timeout', () => request.destroy(new Error('late')));
  request.on('error', () => failed++);
}, everyMs);

process.once('SIGTERM', () => {
  clearInterval(timer);
  process.stdout.write(`${JSON.stringify({ tookMs, failed })}\n`, () => process.exit(0));
});
