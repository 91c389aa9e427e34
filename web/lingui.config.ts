/** Where the catalogs of the web client lie, for the build. */
export default {
  sourceLocale: 'en',
  locales: ['en', 'es', 'ar', 'hi', 'ja'],
  catalogs: [{ path: '<rootDir>/languages/{locale}', include: ['<rootDir>'] }],
};
