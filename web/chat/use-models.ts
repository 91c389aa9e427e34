/** The models on offer. */
import { useQuery } from '@tanstack/react-query';
import type { ModelInfo } from '../../contract/models.ts';
import { listModels } from '../api/models.ts';
import { keys } from '../app/keys.ts';

const none: readonly ModelInfo[] = [];

/** Empty until they are loaded. */
export function useModels(): readonly ModelInfo[] {
  const { data } = useQuery({ queryKey: keys.models, queryFn: ({ signal }) => listModels(signal) });
  return data ?? none;
}

/** The label of a model; its id if it is not offered any more. */
export function labelOf(models: readonly ModelInfo[], id: string): string {
  return models.find((model) => model.id === id)?.label ?? id;
}
