/** Asks for the number of an account before the account is deleted. */
import { useState } from 'react';
import { useText } from '../languages/text.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';

const digitsOf = (words: string) => words.replaceAll(/\D/g, '');

export function DeleteDialog({
  number,
  onClose,
  onDelete,
}: {
  readonly number: string;
  readonly onClose: () => void;
  readonly onDelete: () => void;
}) {
  const text = useText();
  const [typed, setTyped] = useState('');
  const isConfirmed = digitsOf(typed) === digitsOf(number);
  return (
    <Dialog title={text('admin.delete-title', { number })} onClose={onClose}>
      <form
        className="grid gap-5"
        onSubmit={(event) => {
          event.preventDefault();
          if (isConfirmed) onDelete();
        }}
      >
        <p className="m-0 text-soft">{text('admin.delete-text')}</p>
        <label className="grid gap-1.5">
          <span className="font-semibold">{text('admin.delete-confirm')}</span>
          <input
            type="tel"
            dir="ltr"
            autoComplete="off"
            placeholder={number}
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
            className="tabular min-h-11 rounded-xl border border-line bg-paper px-3"
          />
        </label>
        <div className="grid gap-3 sm:grid-cols-2">
          <Button onClick={onClose}>{text('cancel')}</Button>
          <Button type="submit" kind="danger" disabled={!isConfirmed}>
            {text('deletion')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
