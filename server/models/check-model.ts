/** Whether a model that a request names may be asked. */
import { ProblemError } from '../problems/problem.ts';
import type { Models } from './models.ts';

/** Throws `validation_failed` for the id of a model that is not on offer. */
export function checkModel({ ids }: Pick<Models, 'ids'>, id: string | null | undefined): void {
  if (typeof id !== 'string' || ids.includes(id)) return;
  throw new ProblemError('validation_failed', { errors: [{ pointer: '/model', sentence: 'model' }] });
}

/** The model is on offer, in other plans than the account's. */
export function planRequired(): ProblemError {
  return new ProblemError('plan_required');
}
