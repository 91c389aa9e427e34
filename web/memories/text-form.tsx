/** A longer text that is saved with a button: field, counter, failure and buttons. */
import { useId, useRef, useState } from 'react';
import { ApiProblem } from '../api/problem.ts';
import { locale, useText } from '../languages/text.ts';
import { Button } from '../ui/button.tsx';
import { focusAtOnce } from '../ui/focus-at-once.ts';

export interface TextFormProps {
  readonly label: string;
  readonly hint?: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  /** In code points. */
  readonly limit: number;
  readonly rows: number;
  readonly saveLabel: string;
  /** False while there is nothing to save. */
  readonly savable: boolean;
  /** Its error is shown in the form. */
  readonly onSave: () => Promise<void>;
  /** Shows a button that discards the text. */
  readonly onCancel?: (() => void) | undefined;
  /** Enter saves, Shift+Enter adds a line, Escape cancels. */
  readonly savesOnEnter?: boolean;
  /** Takes the focus when it appears. */
  readonly focused?: boolean;
}

export function TextForm(props: TextFormProps) {
  const { label, hint, value, onChange, limit, rows, saveLabel, savable, onSave, onCancel, savesOnEnter, focused } =
    props;
  const text = useText();
  const id = useId();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  /** As in the composer: the Enter that ends a composition must not save. */
  const composedAt = useRef(-Infinity);
  const length = [...value].length;
  const tooLong = length > limit;

  async function save(): Promise<void> {
    if (busy || tooLong || !savable) return;
    setBusy(true);
    setFailure(null);
    try {
      await onSave();
    } catch (error) {
      setFailure((error instanceof ApiProblem && error.message) || text('settings.failed'));
    }
    setBusy(false);
  }

  return (
    <form
      className="grid gap-1.5"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <label htmlFor={id} className={`font-semibold ${hint === undefined ? 'text-[14px] text-soft' : 'text-[16px]'}`}>
        {label}
      </label>
      {hint !== undefined && (
        <p id={`${id}-hint`} className="m-0 text-[14px] text-soft">
          {hint}
        </p>
      )}
      <textarea
        id={id}
        dir="auto"
        rows={rows}
        ref={focused ? focusAtOnce : undefined}
        value={value}
        aria-invalid={tooLong || failure !== null}
        aria-describedby={`${hint === undefined ? '' : `${id}-hint `}${id}-length${failure === null ? '' : ` ${id}-failure`}`}
        onChange={(event) => onChange(event.target.value)}
        onCompositionEnd={(event) => (composedAt.current = event.timeStamp)}
        onKeyDown={(event) => {
          if (event.nativeEvent.isComposing || event.timeStamp - composedAt.current < 50) return;
          if (!savesOnEnter) return;
          if (event.key === 'Escape') onCancel?.();
          if (event.key !== 'Enter' || event.shiftKey) return;
          event.preventDefault();
          void save();
        }}
        className="field-sizing-content max-h-[40dvh] w-full resize-none rounded-xl border border-line bg-raised px-3 py-2 [overflow-wrap:anywhere] aria-invalid:border-bad"
      />
      {failure !== null && (
        <p id={`${id}-failure`} role="alert" className="m-0 text-[14px] text-bad">
          {failure}
        </p>
      )}
      <div className="flex flex-wrap items-center justify-end gap-2">
        <span id={`${id}-length`} className={`tabular flex-1 text-[13px] ${tooLong ? 'text-bad' : 'text-faint'}`}>
          {text('characters', { count: written(length), limit: written(limit) })}
        </span>
        {onCancel && <Button onClick={onCancel}>{text('cancel')}</Button>}
        <Button type="submit" kind="strong" disabled={busy || tooLong || !savable}>
          {saveLabel}
        </Button>
      </div>
    </form>
  );
}

function written(count: number): string {
  return new Intl.NumberFormat(locale()).format(count);
}
