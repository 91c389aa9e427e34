/** The routes; pages are loaded on demand. */
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

/** Accepts only paths of this client, so that sign-in cannot redirect elsewhere. */
function pathOfOurs(value: unknown): string | undefined {
  return typeof value === 'string' && /^\/(?![/\\])/.test(value) ? value : undefined;
}

interface CheckoutSearch {
  readonly checkout?: 'success' | 'cancelled' | undefined;
}

/** The outcome of Checkout after the redirect. */
function checkoutIn({ checkout }: Record<string, unknown>): CheckoutSearch {
  return { checkout: checkout === 'success' || checkout === 'cancelled' ? checkout : undefined };
}

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  // Set even if undefined: an omitted key would be taken from the address unvalidated.
  validateSearch: ({ next }: Record<string, unknown>): { next?: string | undefined } => ({ next: pathOfOurs(next) }),
  component: lazyRouteComponent(() => import('../sign-in/sign-in-page.tsx'), 'SignInPage'),
});

/** Says that the account is deleted, to who deleted it. */
const deleted = createRoute({
  getParentRoute: () => root,
  path: '/deleted',
  component: lazyRouteComponent(() => import('../sign-in/deleted-page.tsx'), 'DeletedPage'),
});

/** Routes that require a session. */
const inside = createRoute({
  getParentRoute: () => root,
  id: 'inside',
  async beforeLoad({ location }) {
    // Offline the session cannot be checked; cached data is shown.
    await restore().catch(() => {});
    if (session.state !== 'signed-out') return;
    // oxlint-disable-next-line typescript/only-throw-error -- the router's API
    if (session.ended === 'account_deleted') throw redirect({ to: '/deleted' });
    const next = location.href === '/' ? {} : { next: location.href };
    // oxlint-disable-next-line typescript/only-throw-error -- the router's API
    throw redirect({ to: '/sign-in', search: next });
  },
  component: Frame,
});

const newChat = createRoute({
  getParentRoute: () => inside,
  path: '/',
  // Stripe redirects to the root.
  validateSearch: (search: Record<string, unknown>): CheckoutSearch & { readonly shared?: true | undefined } => ({
    ...checkoutIn(search),
    shared: search.shared === true ? true : undefined,
  }),
  beforeLoad({ search: { checkout } }) {
    // oxlint-disable-next-line typescript/only-throw-error -- the router's API
    if (checkout !== undefined) throw redirect({ to: '/plans', search: { checkout }, replace: true });
  },
  component: lazyRouteComponent(() => import('../chat/new-chat-page.tsx'), 'NewChatPage'),
});

const room = createRoute({
  getParentRoute: () => inside,
  path: '/c/$roomId',
  validateSearch: ({ message }: Record<string, unknown>): { message?: number | undefined } => ({
    message: Number.isSafeInteger(message) && Number(message) > 0 ? Number(message) : undefined,
  }),
  component: lazyRouteComponent(() => import('../chat/chat-page.tsx'), 'ChatPage'),
});

const search = createRoute({
  getParentRoute: () => inside,
  path: '/search',
  // The router reads digits as a number.
  validateSearch: ({ q }: Record<string, unknown>): { q?: string | undefined } => ({
    q: typeof q === 'string' || typeof q === 'number' ? String(q) : undefined,
  }),
  component: lazyRouteComponent(() => import('../search/search-page.tsx'), 'SearchPage'),
});

const archived = createRoute({
  getParentRoute: () => inside,
  path: '/archived',
  component: lazyRouteComponent(() => import('../rooms/archived-page.tsx'), 'ArchivedPage'),
});

const plans = createRoute({
  getParentRoute: () => inside,
  path: '/plans',
  validateSearch: checkoutIn,
  component: lazyRouteComponent(() => import('../plans/plans-page.tsx'), 'PlansPage'),
});

const usage = createRoute({
  getParentRoute: () => inside,
  path: '/usage',
  component: lazyRouteComponent(() => import('../usage/usage-page.tsx'), 'UsagePage'),
});

const settings = createRoute({
  getParentRoute: () => inside,
  path: '/settings',
  component: lazyRouteComponent(() => import('../settings/settings-page.tsx'), 'SettingsPage'),
});

const admin = createRoute({
  getParentRoute: () => inside,
  path: '/admin',
  component: lazyRouteComponent(() => import('../admin/admin-page.tsx'), 'AdminPage'),
});

const adminPages = [
  createRoute({
    getParentRoute: () => admin,
    path: '/',
    component: lazyRouteComponent(() => import('../admin/people-page.tsx'), 'PeoplePage'),
  }),
  createRoute({
    getParentRoute: () => admin,
    path: '/users/$userId',
    component: lazyRouteComponent(() => import('../admin/person-page.tsx'), 'PersonPage'),
  }),
  createRoute({
    getParentRoute: () => admin,
    path: '/usage',
    component: lazyRouteComponent(() => import('../admin/all-usage-page.tsx'), 'AllUsagePage'),
  }),
  createRoute({
    getParentRoute: () => admin,
    path: '/queue',
    component: lazyRouteComponent(() => import('../admin/queue-page.tsx'), 'QueuePage'),
  }),
  createRoute({
    getParentRoute: () => admin,
    path: '/billing',
    component: lazyRouteComponent(() => import('../admin/billing-page.tsx'), 'BillingPage'),
  }),
  createRoute({
    getParentRoute: () => admin,
    path: '/audit',
    component: lazyRouteComponent(() => import('../admin/audit-page.tsx'), 'AuditPage'),
  }),
  createRoute({
    getParentRoute: () => admin,
    path: '/settings',
    component: lazyRouteComponent(() => import('../admin/in-force-page.tsx'), 'InForcePage'),
  }),
  createRoute({
    getParentRoute: () => admin,
    path: '/doctor',
    component: lazyRouteComponent(() => import('../admin/doctor-page.tsx'), 'DoctorPage'),
  }),
] as const;

export const router = createRouter({
  routeTree: root.addChildren([
    signIn,
    deleted,
    inside.addChildren([newChat, room, search, archived, plans, usage, settings, admin.addChildren(adminPages)]),
  ]),
  basepath: '/app',
  defaultPreload: 'intent',
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
