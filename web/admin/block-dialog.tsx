/** Asks before an account is blocked. */
import { useText } from '../languages/text.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';

export function BlockDialog({ onClose, onBlock }: { readonly onClose: () => void; readonly onBlock: () => void }) {
  const text = useText();
  return (
    <Dialog title={text('admin.block-title')} onClose={onClose}>
      <p className="m-0 mb-6 text-soft">{text('admin.block-text')}</p>
      <div className="grid gap-3 sm:grid-cols-2">
        <Button onClick={onClose}>{text('cancel')}</Button>
        <Button kind="danger" onClick={onBlock}>
          {text('admin.block')}
        </Button>
      </div>
    </Dialog>
  );
}
