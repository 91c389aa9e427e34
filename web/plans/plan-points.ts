/** Describes what a plan includes. */
import type { Plan } from '../../contract/plans.ts';
import type { Text } from '../languages/text.ts';

/** `labels`: names of its models; empty if there is no choice of models. */
export function planPoints(
  { daily_limit: limit, replies_at_once: count }: Plan,
  labels: readonly string[],
  text: Text,
) {
  return [
    limit === null ? text('plans.unlimited') : text('plans.messages', { limit }),
    text('plans.at-once', { count }),
    ...(labels.length > 0 ? [text('plans.models', { names: labels.join(', ') })] : []),
    text('plans.devices'),
  ];
}
