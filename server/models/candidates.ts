/** One model under several names of its vendor: the next is tried when the vendor no longer knows one. */
import { ModelError, type Model } from '../ports/model.ts';

/** The names in order, the best first; each is a separate model. Starts with the one that answered last. */
export function firstKnown(candidates: readonly [Model, ...Model[]]): Model {
  const [first] = candidates;
  let current = 0;
  return {
    ...first,
    async *stream(prompt, signal) {
      for (let tried = 1; ; tried += 1) {
        const at = current;
        try {
          yield* candidates[at]!.stream(prompt, signal);
          return;
        } catch (error) {
          const isUnknown = error instanceof ModelError && error.code === 'model_not_found';
          if (!isUnknown || tried >= candidates.length) throw error;
          // Another question may have moved on meanwhile.
          if (current === at) current = (at + 1) % candidates.length;
        }
      }
    },
  };
}
