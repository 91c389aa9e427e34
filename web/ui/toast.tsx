/** A short notice at the bottom with at most one action, such as Undo. */
import { useSyncExternalStore } from 'react';
import { useText } from '../languages/text.ts';
import { IconButton } from './button.tsx';

export interface Toast {
  readonly message: string;
  readonly action?: { readonly label: string; readonly run: () => void };
}

let shown: Toast | null = null;
const listeners = new Set<() => void>();

/** Replaces the current notice; `null` removes it. */
export function showToast(toast: Toast | null): void {
  shown = toast;
  for (const listener of listeners) listener();
}

/** Removes a notice if it is still the one that is shown. */
export function hideToast(toast: Toast): void {
  if (shown === toast) showToast(null);
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

export function Toasts() {
  const toast = useSyncExternalStore(subscribe, () => shown);
  const text = useText();
  return (
    <div role="status" className="pointer-events-none fixed inset-x-0 bottom-6 z-40 grid place-items-center px-4">
      {toast && (
        <div className="pointer-events-auto flex items-center gap-3 rounded-2xl bg-ink py-1.5 ps-4 pe-2 text-paper shadow-float">
          <span>{toast.message}</span>
          {toast.action && (
            <button
              type="button"
              className="min-h-8 rounded-lg px-2 font-semibold underline underline-offset-2"
              onClick={() => {
                toast.action?.run();
                showToast(null);
              }}
            >
              {toast.action.label}
            </button>
          )}
          <IconButton
            icon="close"
            size={16}
            label={text('close')}
            onClick={() => showToast(null)}
            className="text-paper"
          />
        </div>
      )}
    </div>
  );
}
