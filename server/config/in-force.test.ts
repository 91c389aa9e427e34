/** The settings shown to operators contain no secret. */
import { describe, expect, it } from 'vitest';
import { settingsInForce } from './in-force.ts';
import { settings } from './settings.ts';

const secret = 'a-secret-that-nobody-may-see';

describe('settings in force', () => {
  it('are all listed, with their value or default', () => {
    const shown = settingsInForce({ PORT: ' 9000 ', REDIS_PREFIX: '' });
    expect(shown.map(({ name }) => name)).toEqual(Object.keys(settings));
    const of = (name: string) => shown.find((one) => one.name === name);
    expect(of('PORT')).toMatchObject({ value: '9000', isDefault: false });
    expect(of('REDIS_PREFIX')).toMatchObject({ value: 'pollux', isDefault: true });
    expect(of('DATABASE_URL')).toMatchObject({ value: null, isDefault: true });
  });

  it.each(
    Object.keys(settings).filter((name) => /SECRET|TOKEN|PASSWORD|API_KEY/.test(name) && !/MINUTES|BUDGET/.test(name)),
  )('mask %s', (name) => {
    const [shown] = settingsInForce({ [name]: secret }).filter((one) => one.name === name);
    expect(shown).toMatchObject({ value: '********', isDefault: false });
  });

  it.each(Object.keys(settings).filter((name) => /URL|ENDPOINT|BASE|ORIGINS/.test(name)))(
    'mask passwords in %s',
    (name) => {
      for (const value of [
        `postgres://me:${secret}@db/pollux?sslmode=require`,
        `https://me:${secret}@example.com`,
        `https://example.com/?api_key=${secret}`,
        `https://one.example,https://me:${secret}@two.example`,
        `https://me:${secret}@[broken`,
      ]) {
        expect(JSON.stringify(settingsInForce({ [name]: value }))).not.toContain(secret);
      }
      const [shown] = settingsInForce({ [name]: 'https://example.com/a?b=c' }).filter((one) => one.name === name);
      expect(shown!.value).toBe('https://example.com/a?b=c');
    },
  );
});
