/** The sidebar, a drawer on phones: new chat, rooms, account. */
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { readMe, readSubscription } from '../api/account.ts';
import { keys } from '../app/keys.ts';
import { modifierKey } from '../app/shortcut-keys.ts';
import { useText } from '../languages/text.ts';
import { signOut } from '../session/session.ts';
import { IconButton } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { Mark } from '../ui/mark.tsx';
import { Menu } from '../ui/menu.tsx';
import { RoomList } from './room-list.tsx';

export function Sidebar({ drawerOpen, onClose }: { readonly drawerOpen: boolean; readonly onClose: () => void }) {
  const text = useText();
  const navigate = useNavigate();
  const panel = useRef<HTMLElement>(null);

  useEffect(() => {
    if (!drawerOpen) return;
    panel.current?.querySelector<HTMLElement>('a, button')?.focus();
    const onKeyDown = (event: KeyboardEvent) => event.key === 'Escape' && onClose();
    addEventListener('keydown', onKeyDown);
    return () => removeEventListener('keydown', onKeyDown);
  }, [drawerOpen, onClose]);

  return (
    <>
      {drawerOpen && <div className="fixed inset-0 z-30 bg-black/40 md:hidden" onClick={onClose} aria-hidden="true" />}
      <nav
        ref={panel}
        aria-label={text('chats')}
        className={`flex w-[272px] shrink-0 flex-col border-e border-line bg-sunk max-md:fixed max-md:inset-y-0 max-md:start-0 max-md:z-40 max-md:shadow-float ${drawerOpen ? '' : 'max-md:hidden'}`}
      >
        <div className="flex items-center gap-2.5 px-5 pt-4 pb-2">
          <Mark size={24} />
          <span className="flex-1 text-[17px] font-[650] tracking-[-0.02em]">Pollux</span>
          <IconButton icon="close" label={text('sidebar.close')} onClick={onClose} className="md:hidden" />
        </div>
        <button
          type="button"
          onClick={() => void navigate({ to: '/' })}
          className="mx-3 my-2 flex min-h-11 items-center gap-3 rounded-[14px] border border-line bg-raised px-3 font-semibold hover:border-faint"
        >
          <Icon name="plus" size={18} />
          <span className="flex-1 text-start">{text('new-chat')}</span>
          <Keys letter="J" />
        </button>
        <button
          type="button"
          onClick={() => void navigate({ to: '/search' })}
          className="mx-3 mb-1 flex min-h-10 items-center gap-3 rounded-[14px] px-3 text-soft hover:bg-raised hover:text-ink"
        >
          <Icon name="search" size={18} />
          <span className="flex-1 text-start">{text('search')}</span>
          <Keys letter="K" />
        </button>
        <RoomList />
        <Account />
      </nav>
    </>
  );
}

function Keys({ letter }: { readonly letter: string }) {
  return (
    <kbd
      aria-hidden="true"
      dir="ltr"
      className="rounded-md border border-line px-1.5 font-sans text-[12px] font-normal text-faint pointer-coarse:hidden"
    >
      {modifierKey} {letter}
    </kbd>
  );
}

function Account() {
  const text = useText();
  const navigate = useNavigate();
  const { data: me } = useQuery({ queryKey: keys.me, queryFn: ({ signal }) => readMe(signal) });
  const { data: plan } = useQuery({ queryKey: keys.subscription, queryFn: ({ signal }) => readSubscription(signal) });
  const number = me?.mobile_number ?? '';
  const left = plan?.remaining_today;
  return (
    <div className="m-3 mt-0 flex items-center gap-3 border-t border-line pt-3">
      <div
        aria-hidden="true"
        className="grid size-8 place-items-center rounded-full bg-ember-wash text-[13px] font-bold text-ember-ink"
      >
        {number.slice(1, 3)}
      </div>
      <div className="min-w-0 flex-1 text-[13px] leading-snug">
        <div className="tabular truncate font-semibold" dir="ltr">
          {maskNumber(number)}
        </div>
        <div className="truncate text-faint">
          {plan?.tier}
          {typeof left === 'number' && ` · ${text('left-today', { left, limit: plan?.daily_limit ?? 0 })}`}
        </div>
      </div>
      <Menu
        label={text('account')}
        side="above"
        className="grid size-8 place-items-center rounded-[10px] text-soft hover:bg-raised pointer-coarse:size-10"
        items={[
          { label: text('settings'), onSelect: () => void navigate({ to: '/settings' }) },
          { label: text('plans'), onSelect: () => void navigate({ to: '/plans' }) },
          { label: text('usage'), onSelect: () => void navigate({ to: '/usage' }) },
          { label: text('archived'), onSelect: () => void navigate({ to: '/archived' }) },
          ...(me?.role === 'admin' ? [{ label: text('admin'), onSelect: () => void navigate({ to: '/admin' }) }] : []),
          { label: text('sign-out'), onSelect: () => void signOut() },
        ]}
      >
        <Icon name="more" />
      </Menu>
    </div>
  );
}

/** `+44 •••• 4123`: enough to recognise it without showing it in full. */
export function maskNumber(number: string): string {
  return number.length < 8 ? number : `${number.slice(0, 3)} •••• ${number.slice(-4)}`;
}
