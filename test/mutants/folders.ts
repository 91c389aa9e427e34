/**
 * Folders that StrykerJS changes, each with the test files that must detect the changes: those that run it in one process,
 * the quick and broad ones first. Tests that measure time are left out, because they may fail on a busy machine.
 */
export const folders: Readonly<Record<string, readonly string[]>> = {
  plans: [
    'test/quotas/telling.test.ts',
    'test/quotas/refunds.test.ts',
    'test/quotas/time-zone.test.ts',
    'test/quotas/daily-limit.test.ts',
  ],
  accounts: [
    'server/accounts/*.test.ts',
    'test/accounts/{echo,countries,forged-tokens,session-cookie,wrong-guesses,security-log}.test.ts',
    'test/accounts/{sessions,codes,code-secrecy,shut-off,key-rotation,gone,token-life,code-limits,rates}.test.ts',
  ],
  events: [
    'test/events/position.test.ts',
    'test/events/tickets.test.ts',
    'test/events/token-end.test.ts',
    'test/events/resume.test.ts',
    'test/events/slow-reader.test.ts',
    'test/events/restart.test.ts',
  ],
  replies: [
    'server/replies/*.test.ts',
    'test/replies/{heartbeat,defects,conversation,prompt,claiming,turns,strangers,regenerate,hand-back}.test.ts',
    'test/replies/{stop,backoff,rescue,lost-hold,failures,deadline,order,queue-time}.test.ts',
    'test/quotas/refunds.test.ts',
  ],
};
