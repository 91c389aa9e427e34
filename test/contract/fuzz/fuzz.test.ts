/**
 * Fuzzes the contract: valid, malformed and hostile requests to every operation by every user, one by one and several at
 * once. `FUZZ_REQUESTS` sets their number for each mode, and `TEST_SEED` repeats a run.
 */
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { distributedPlace, embeddedPlace } from '../../harness.ts';
import { seed } from '../../random.ts';
import { services } from '../../services.ts';
import { startWholeProduct } from '../whole-product.ts';
import { revive, setStage, type Stage } from './actors.ts';
import { hangUp, prepare, remember, send } from './drive.ts';
import { judge, describeExchange } from './judge.ts';
import { anyRequest, type FuzzRequest } from './requests.ts';

const wanted = Number(process.env.FUZZ_REQUESTS ?? 1000);
/** Concurrent requests find faults that single ones cannot. */
const atOnce = 4;
const perVolley = (1 + atOnce) / 2;

const arrangements = [
  { name: 'embedded', open: embeddedPlace, present: true },
  { name: 'PostgreSQL and Redis', open: distributedPlace, present: services.postgres && services.redis },
];

for (const { name, open, present } of arrangements) {
  describe.skipIf(!present)(`the contract, fuzzed: ${name}`, () => {
    it(`answers ${wanted} requests as documented`, { timeout: 60_000 + wanted * 100 }, async ({ annotate }) => {
      await using product = await startWholeProduct({ open, environment: { BASIC_DAILY_LIMIT: '30' } });
      const stage = await setStage(product);
      const counts = new Map<string, number>();
      const volley = fc.array(anyRequest(stage.api), { minLength: 1, maxLength: atOnce, size: 'max' });
      try {
        await fc.assert(
          fc.asyncProperty(volley, (requests) => fire(stage, requests, counts)),
          { numRuns: Math.ceil(wanted / perVolley), seed },
        );
      } catch (error) {
        throw new Error(`to repeat, run with TEST_SEED=${seed} FUZZ_REQUESTS=${wanted}`, { cause: error });
      } finally {
        hangUp();
      }
      await annotate(summary(counts));
    });
  });
}

const ending = ['logout', 'endSession', 'refreshTokens'];

/** Sends requests at once; throws for the first wrong answer. */
async function fire(stage: Stage, requests: readonly FuzzRequest[], counts: Map<string, number>): Promise<void> {
  const sent = requests.map((request) => prepare(stage, request));
  const ended = sent.some(({ operation }) => ending.includes(operation.id));
  const answers = await Promise.all(sent.map((one) => send(stage.product.url, one)));
  for (const [index, one] of sent.entries()) {
    const answer = answers[index]!;
    const wrong = judge(stage.api, one, answer, { ended });
    if (wrong !== null) throw new Error(`${wrong}\n${describeExchange(one, answer)}`);
    remember(stage, one, answer);
    counts.set(`${answer.status}`, (counts.get(`${answer.status}`) ?? 0) + 1);
  }
  if (ended) await revive(stage);
}

function summary(counts: Map<string, number>): string {
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const each = [...counts]
    .toSorted(([a], [b]) => Number(a) - Number(b))
    .map(([status, count]) => `${status}: ${count}`);
  return `${total} requests, seed ${seed}; ${each.join(', ')}`;
}
