/** Registers the service worker and offers to switch to a new version. */
import { text } from '../languages/text.ts';
import { showToast } from '../ui/toast.tsx';

/** The only string used as a script URL (Trusted Types). */
const scriptUrl = '/app/service-worker.js';

export async function watchForUpdates(): Promise<void> {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  const registration = await navigator.serviceWorker.register(trusted(scriptUrl), {
    scope: '/app/',
    updateViaCache: 'none',
  });
  if (registration.waiting && navigator.serviceWorker.controller) offer(registration.waiting);
  registration.addEventListener('updatefound', () => {
    const worker = registration.installing;
    worker?.addEventListener('statechange', () => {
      // The first service worker replaces nothing, so nothing is offered.
      if (worker.state === 'installed' && navigator.serviceWorker.controller) offer(worker);
    });
  });
}

function offer(worker: ServiceWorker): void {
  showToast({
    message: text('update.ready'),
    action: {
      label: text('update.now'),
      run() {
        navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true });
        worker.postMessage('take-over');
      },
    },
  });
}

interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): string };
}

function trusted(url: string): string {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  const rules = {
    createScriptURL(asked: string): string {
      if (asked !== scriptUrl) throw new TypeError('not a script of this client');
      return asked;
    },
  };
  return trustedTypes ? trustedTypes.createPolicy('pollux', rules).createScriptURL(url) : url;
}
