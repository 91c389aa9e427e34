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
// The session is checked in parallel.
void restore().catch(() => {});
await languageShown;
// Failed replies contain sentences in the previous language.
i18n.on('change', () => void queries.invalidateQueries());

createRoot(document.querySelector('#root')!).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <RouterProvider router={router} />
      <Toasts />
    </QueryClientProvider>
  </StrictMode>,
);

/** The service worker's downloads must not delay the first page. */
const quietMs = 3000;
setTimeout(() => {
  // Fails offline; the next visit tries again.
  void import('./app/updates.ts').then(({ watchForUpdates }) => watchForUpdates()).catch(() => {});
}, quietMs);
