/** API call for the available models. */
import type { ModelInfo } from '../../contract/models.ts';
import { call } from './request.ts';

/** Those of the user's plan, its default first, then those of other plans. */
export const listModels = (signal: AbortSignal) => call<ModelInfo[]>('GET', '/models', { signal });
