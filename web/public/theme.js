/** Runs before the first paint; Vite fills in the files. */
{
  const { documentElement: root } = document;
  const theme = localStorage.getItem('pollux.theme');
  const language = localStorage.getItem('pollux.language');
  if (theme === 'light' || theme === 'dark') root.dataset.theme = theme;
  if (language !== null) {
    root.lang = language;
    root.dir = localStorage.getItem('pollux.direction') ?? 'ltr';
  }

  const files = JSON.parse('{"__FILES__":[]}');
  const languages = [language ?? '', ...navigator.languages, 'en'].map((tag) => tag.toLowerCase().split('-')[0]);
  const isSignedIn = localStorage.getItem('pollux.session') !== null;
  const isChat = isSignedIn && /^\/app\/(c\/\d+)?$/.test(location.pathname);
  const page = isChat ? 'chat-page' : !isSignedIn || location.pathname.endsWith('/sign-in') ? 'sign-in-page' : '';
  for (const name of [languages.find((code) => code in files), page]) {
    for (const href of files[name] ?? []) {
      const link = document.createElement('link');
      Object.assign(link, { rel: 'modulepreload', href, crossOrigin: '', fetchPriority: 'low' });
      document.head.append(link);
    }
  }
}
