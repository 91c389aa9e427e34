/** Entry of the web client. */
import './theme/tokens.css';
import { i18n } from '@lingui/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { queries } from './app/queries.ts';
import { router } from './app/router.tsx';
import { preferredLanguage, showLanguage } from './languages/languages.ts';
import { restore } from './session/session.ts';
import { Toasts } from './ui/toast.tsx';

const languageShown = showLanguage(preferredLanguage());
// Who is signed in is asked meanwhile.
void restore().catch(() => {});
await languageShown;
// Failed replies say why in the language they are read in.
i18n.on('change', () => void queries.invalidateQueries());

createRoot(document.querySelector('#root')!).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <RouterProvider router={router} />
      <Toasts />
    </QueryClientProvider>
  </StrictMode>,
);

/** What the service worker fetches must not hold up the first page. */
const quietMs = 3000;
setTimeout(() => {
  // Without a network there is nothing to update from; the next visit asks again.
  void import('./app/updates.ts').then(({ watchForUpdates }) => watchForUpdates()).catch(() => {});
}, quietMs);
