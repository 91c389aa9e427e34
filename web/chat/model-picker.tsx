/** Chooses the model that answers, if there is a choice. */
import { useNavigate } from '@tanstack/react-router';
import { useText } from '../languages/text.ts';
import { Icon } from '../ui/icon.tsx';
import { Menu } from '../ui/menu.tsx';
import { useModels } from './use-models.ts';

export interface ModelPickerProps {
  /** Null for the default of the plan. */
  readonly model: string | null;
  readonly onChoose: (model: string | null) => void;
}

export function ModelPicker({ model, onChoose }: ModelPickerProps) {
  const text = useText();
  const navigate = useNavigate();
  const models = useModels();
  // The default answers instead of a removed model.
  const current = models.find(({ id, available }) => id === model && available) ?? models.find((one) => one.default);
  if (current === undefined || models.length < 2) return null;
  return (
    <Menu
      label={text('model.choose', { name: current.label })}
      side="above"
      align="start"
      className="flex min-h-8 max-w-48 items-center gap-1 rounded-[10px] px-2.5 text-[14px] text-soft hover:bg-sunk hover:text-ink pointer-coarse:min-h-10"
      items={models.map(({ id, label, available, default: isDefault }) => ({
        label: available ? label : text('model.other-plan', { name: label }),
        checked: id === current.id,
        onSelect: () => (available ? onChoose(isDefault ? null : id) : void navigate({ to: '/plans' })),
      }))}
    >
      <bdi className="truncate">{current.label}</bdi>
      <Icon name="expand" size={14} />
    </Menu>
  );
}
