/** The field for a one-time code, with autofill, and why the last code was refused. */
import { useEffect, useRef } from 'react';
import { useText } from '../languages/text.ts';

export const codeDigits = 6;

/** The digits of what was typed or pasted, in any script, as far as a code has. */
export function onlyDigits(value: string): string {
  return value.normalize('NFKC').replaceAll(/\D/g, '').slice(0, codeDigits);
}

export function CodeField({
  value,
  onChange,
  disabled,
  failure,
}: {
  readonly value: string;
  /** Receives digits only. */
  readonly onChange: (value: string) => void;
  readonly disabled: boolean;
  readonly failure: string | null;
}) {
  const text = useText();
  const field = useRef<HTMLInputElement>(null);
  // When it appears, and once another code can be typed: a disabled field loses the focus.
  useEffect(() => {
    if (!disabled) field.current?.focus();
  }, [disabled]);
  return (
    <div className="grid gap-1.5">
      <label htmlFor="code" className="text-[14px] font-semibold text-soft">
        {text('code.label')}
      </label>
      <input
        ref={field}
        id="code"
        dir="ltr"
        inputMode="numeric"
        autoComplete="one-time-code"
        value={value}
        disabled={disabled}
        aria-invalid={failure !== null}
        aria-describedby={failure === null ? undefined : 'code-failure'}
        onChange={(event) => onChange(onlyDigits(event.target.value))}
        className="tabular min-h-14 w-full min-w-0 rounded-[14px] border border-line bg-raised px-4 text-center text-[26px] tracking-[0.35em] focus:border-ember"
      />
      {failure !== null && (
        <p id="code-failure" role="alert" className="m-0 text-bad">
          {failure}
        </p>
      )}
    </div>
  );
}
