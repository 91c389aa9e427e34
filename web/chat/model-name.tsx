/** Shows which model answered, and the requested one if that is different. */
import type { Message } from '../../contract/messages.ts';
import { useText } from '../languages/text.ts';
import { labelOf, useModels } from './use-models.ts';

export function ModelName({ model }: Pick<Message, 'model'>) {
  const models = useModels();
  if (model === null || models.length === 0) return null;
  return <bdi className="px-1.5 text-[13px]">{labelOf(models, model)}</bdi>;
}

/** A calm line: the answer is there. */
export function Fallback({ model, fallback_from: asked }: Pick<Message, 'model' | 'fallback_from'>) {
  const text = useText();
  const models = useModels();
  if (asked === null || model === null || models.length === 0) return null;
  return (
    <p className="m-0 mt-2 text-[14px] text-faint">
      {text('model.fallback', { asked: labelOf(models, asked), name: labelOf(models, model) })}
    </p>
  );
}
