/** Sets theme, language and direction before the first paint. */
{
  const { documentElement: root } = document;
  const theme = localStorage.getItem('pollux.theme');
  const language = localStorage.getItem('pollux.language');
  if (theme === 'light' || theme === 'dark') root.dataset.theme = theme;
  if (language !== null) {
    root.lang = language;
    root.dir = language === 'ar' ? 'rtl' : 'ltr';
  }
}
