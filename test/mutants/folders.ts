/** Folders that StrykerJS changes, each with the test files that judge the changes: those that reach it in one process. */

export const folders: Readonly<Record<string, readonly string[]>> = {
  quotas: ['test/quotas/*.test.ts'],
  accounts: ['server/accounts/*.test.ts', 'test/accounts/*.test.ts'],
  events: ['test/events/*.test.ts', 'test/accounts/sessions.test.ts'],
  replies: ['server/replies/*.test.ts', 'test/replies/*.test.ts', 'test/quotas/refunds.test.ts'],
};
