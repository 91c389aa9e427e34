/** Layout of the pages that require a session: sidebar, connection notice and live feed. */
import { Outlet, useRouter } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useText } from '../languages/text.ts';
import { PaymentDue } from '../plans/payment-due.tsx';
import { Sidebar } from '../rooms/sidebar.tsx';
import { session } from '../session/session.ts';
import { useAccountLanguage } from './account-language.ts';
import { ConnectionNotice } from './connection-notice.tsx';
import { LiveProvider } from './live.tsx';
import { Shortcuts } from './shortcuts.tsx';
import { SidebarContext } from './sidebar-context.ts';
import { queries } from './queries.ts';

export function Frame() {
  const router = useRouter();
  const text = useText();
  useAccountLanguage();
  const [drawerOpen, setDrawerOpen] = useState(false);

  useEffect(
    () =>
      session.subscribe(() => {
        if (session.state !== 'signed-out') return;
        queries.clear();
        void router.invalidate();
      }),
    [router],
  );
  useEffect(() => router.subscribe('onResolved', () => setDrawerOpen(false)), [router]);

  return (
    <LiveProvider>
      <SidebarContext value={{ drawerOpen, openDrawer: () => setDrawerOpen(true) }}>
        <a
          href="#main"
          className="sr-only focus:not-sr-only focus:absolute focus:z-50 focus:rounded-lg focus:bg-raised focus:p-3"
        >
          {text('skip')}
        </a>
        <div className="flex h-full overflow-hidden">
          <Sidebar drawerOpen={drawerOpen} onClose={() => setDrawerOpen(false)} />
          <main
            id="main"
            tabIndex={-1}
            inert={drawerOpen}
            className="relative flex min-w-0 flex-1 flex-col outline-none"
          >
            <PaymentDue />
            <ConnectionNotice />
            <Shortcuts />
            <Outlet />
          </main>
        </div>
      </SidebarContext>
    </LiveProvider>
  );
}
