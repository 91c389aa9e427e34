/** Buttons: primary (one in each view), secondary, and round icon buttons. */
import type { ButtonHTMLAttributes } from 'react';
import { Icon, type IconName } from './icon.tsx';

type Props = ButtonHTMLAttributes<HTMLButtonElement>;

const kinds = {
  strong: 'bg-ink text-paper hover:opacity-90',
  ember: 'bg-ember text-on-ember hover:opacity-90',
  danger: 'bg-bad text-paper hover:opacity-90',
  quiet: 'border border-line bg-raised text-ink hover:bg-sunk',
} as const;

export function Button({ kind = 'quiet', className = '', ...props }: Props & { readonly kind?: keyof typeof kinds }) {
  return (
    <button
      type="button"
      {...props}
      className={`min-h-10 rounded-xl px-4 font-semibold transition-colors duration-120 disabled:opacity-50 ${kinds[kind]} ${className}`}
    />
  );
}

/** An icon button; `label` is its accessible name and its tooltip. */
export function IconButton({
  icon,
  label,
  size,
  className = '',
  ...props
}: Props & { readonly icon: IconName; readonly label: string; readonly size?: number }) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      {...props}
      className={`grid size-8 place-items-center rounded-[10px] text-soft transition-colors duration-120 hover:bg-sunk hover:text-ink disabled:opacity-40 pointer-coarse:size-10 ${className}`}
    >
      <Icon name={icon} {...(size !== undefined && { size })} />
    </button>
  );
}
