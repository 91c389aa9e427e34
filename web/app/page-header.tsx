/** The header of a page: drawer button on a phone, title, actions, new chat. */
import { useNavigate } from '@tanstack/react-router';
import { use, type ReactNode } from 'react';
import { useText } from '../languages/text.ts';
import { IconButton } from '../ui/button.tsx';
import { usePageTitle } from './page-title.ts';
import { SidebarContext } from './sidebar-context.ts';

export function PageHeader({ title, children }: { readonly title: string; readonly children?: ReactNode }) {
  const text = useText();
  const navigate = useNavigate();
  const { drawerOpen, openDrawer } = use(SidebarContext);
  usePageTitle(title);
  return (
    <header className="flex h-14 shrink-0 items-center gap-2 px-3 sm:px-5">
      <IconButton icon="menu" label={text('sidebar.open')} onClick={openDrawer} className="md:hidden" />
      <h1 dir="auto" className="m-0 min-w-0 flex-1 truncate text-[16px] max-md:text-center">
        {title}
      </h1>
      {children}
      {/* The drawer has its own. */}
      {!drawerOpen && (
        <IconButton
          icon="plus"
          label={text('new-chat')}
          onClick={() => void navigate({ to: '/' })}
          className="md:hidden"
        />
      )}
    </header>
  );
}
