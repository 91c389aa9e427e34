/** Runs the fake Gemini as a program: `node test/fakes/gemini-server.ts --port 9100 --chunks 50 --delay 20 --first 0`. */
import { parseArgs } from 'node:util';
import { startFakeGemini } from './gemini.ts';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    chunks: { type: 'string', default: '8' },
    delay: { type: 'string', default: '0' },
    first: { type: 'string', default: '0' },
    keep: { type: 'string', default: '1000' },
  },
});

const fake = await startFakeGemini({
  port: Number(values.port),
  keepRequests: Number(values.keep),
  usual: {
    kind: 'answer',
    chunks: Number(values.chunks),
    delayMs: Number(values.delay),
    firstDelayMs: Number(values.first),
  },
});

// The first line has the URL, for a parent process.
process.stdout.write(`${JSON.stringify({ url: fake.url })}\n`);

for (const name of ['SIGTERM', 'SIGINT'] as const) {
  process.once(name, () => void fake[Symbol.asyncDispose]());
}
