/** The cost of a call to a model. */
import type { ModelPrice } from '../config/catalog.ts';
import type { Usage } from '../ports/model.ts';

/** Millionths of a micro-dollar, as prices are per token. */
const perMicro = 1_000_000n;

/** In micro-dollars, rounded half up once; 0 if the price is not known. */
export function costMicros(price: ModelPrice | null, usage: Usage): number {
  if (price === null) return 0;
  const { promptTokens, cachedTokens, audioTokens, answerTokens } = usage;
  const cached = Math.min(cachedTokens, promptTokens);
  const audio = Math.min(audioTokens, promptTokens - cached);
  const parts = [
    [promptTokens - cached - audio, price.input],
    [cached, price.cachedInput],
    [audio, price.audioInput],
    [answerTokens, price.output],
  ] as const;
  const millionths = parts.reduce((sum, [tokens, each]) => sum + BigInt(tokens) * BigInt(each), 0n);
  return Number((millionths + perMicro / 2n) / perMicro);
}
