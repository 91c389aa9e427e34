/** Every page by its address; pages are loaded when they are first opened. */
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router';
import { restore, session } from '../session/session.ts';
import { Frame } from './frame.tsx';

const root = createRootRoute({
  component: Outlet,
  notFoundComponent: lazyRouteComponent(() => import('./not-found.tsx'), 'NotFound'),
});

/** A path of this client, so that a link cannot lead away after signing in; nothing for anything else. */
function pathOfOurs(value: unknown): string | undefined {
  return typeof value === 'string' && /^\/(?![/\\])/.test(value) ? value : undefined;
}

interface CheckoutSearch {
  readonly checkout?: 'success' | 'cancelled' | undefined;
}

/** How Checkout ended, for somebody who comes back from there. */
function checkoutIn({ checkout }: Record<string, unknown>): CheckoutSearch {
  return { checkout: checkout === 'success' || checkout === 'cancelled' ? checkout : undefined };
}

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  // Said even when there is none: what is left out here would come through from the address as it is.
  validateSearch: ({ next }: Record<string, unknown>): { next?: string | undefined } => ({ next: pathOfOurs(next) }),
  component: lazyRouteComponent(() => import('../sign-in/sign-in-page.tsx'), 'SignInPage'),
});

/** Everything that needs somebody to be signed in. */
const inside = createRoute({
  getParentRoute: () => root,
  id: 'inside',
  async beforeLoad({ location }) {
    // Offline nobody can be asked; what the cache holds is shown.
    await restore().catch(() => {});
    if (session.state !== 'signed-out') return;
    const next = location.href === '/' ? {} : { next: location.href };
    // oxlint-disable-next-line typescript/only-throw-error -- how the router is told
    throw redirect({ to: '/sign-in', search: next });
  },
  component: Frame,
});

const newChat = createRoute({
  getParentRoute: () => inside,
  path: '/',
  // Stripe sends people back to the root.
  validateSearch: checkoutIn,
  beforeLoad({ search }) {
    // oxlint-disable-next-line typescript/only-throw-error -- how the router is told
    if (search.checkout !== undefined) throw redirect({ to: '/plans', search, replace: true });
  },
  component: lazyRouteComponent(() => import('../chat/new-chat-page.tsx'), 'NewChatPage'),
});

const room = createRoute({
  getParentRoute: () => inside,
  path: '/c/$roomId',
  component: lazyRouteComponent(() => import('../chat/chat-page.tsx'), 'ChatPage'),
});

const plans = createRoute({
  getParentRoute: () => inside,
  path: '/plans',
  validateSearch: checkoutIn,
  component: lazyRouteComponent(() => import('../plans/plans-page.tsx'), 'PlansPage'),
});

const settings = createRoute({
  getParentRoute: () => inside,
  path: '/settings',
  component: lazyRouteComponent(() => import('../settings/settings-page.tsx'), 'SettingsPage'),
});

export const router = createRouter({
  routeTree: root.addChildren([signIn, inside.addChildren([newChat, room, plans, settings])]),
  basepath: '/app',
  defaultPreload: 'intent',
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
