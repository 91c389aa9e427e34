/** Where the catalogs lie, for the build. */
export default {
  sourceLocale: 'en',
  locales: ['en', 'es', 'ar', 'hi', 'ja'],
  catalogs: [{ path: '<rootDir>/../contract/languages/{locale}', include: ['<rootDir>'] }],
};
