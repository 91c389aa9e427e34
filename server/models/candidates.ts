/** One model under several names of its vendor: the next is used when the vendor no longer knows one. */
import { ModelError, type Model } from '../ports/model.ts';

/**
 * The model under these names, the best first; `open` makes that of a name. Asks the one that answered last first. `onGone` is
 * called with a name that the vendor does not know, before the next is tried. A check of the names moves on to the first that is
 * known, so that no question has to find out.
 */
export function firstKnown(
  names: readonly [string, ...string[]],
  open: (name: string) => Model,
  onGone: (name: string) => void,
): Model {
  const candidates = names.map(open);
  const [first] = candidates;
  let current = 0;
  /** Rejects unless every name could be checked. */
  async function unknownNames(signal: AbortSignal): Promise<string[]> {
    const found = await Promise.all(candidates.map((one) => one.unknownNames!(signal)));
    const known = found.findIndex((unknown) => unknown.length === 0);
    if (known !== -1) current = known;
    return found.flat();
  }

  return {
    ...first!,
    ...(first!.unknownNames && { unknownNames }),
    async *stream(prompt, signal) {
      for (let tried = 1; ; tried += 1) {
        const at = current;
        try {
          yield* candidates[at]!.stream(prompt, signal);
          return;
        } catch (error) {
          const isUnknown = error instanceof ModelError && error.code === 'model_not_found';
          if (!isUnknown || tried >= candidates.length) throw error;
          onGone(names[at]!);
          // Another question may have moved on meanwhile.
          if (current === at) current = (at + 1) % candidates.length;
        }
      }
    },
  };
}
