/** Tokens: a hundred concurrent refreshes have one successor, and a sign-out takes effect everywhere within a second. */
import { signIn } from '../../client.ts';
import { exchange } from '../exchange.ts';
import type { Scenario } from '../scenario.ts';
import { pause, seconds } from '../waiting.ts';

const limitSeconds = 1;

export const tokens: Scenario = {
  name: 'tokens',
  promise: '100 concurrent refreshes have one successor; a sign-out takes effect everywhere within 1 s',
  async run(stage, counts) {
    const rounds = counts(50, 10, 2);
    const apis = await Promise.all([stage.start('api'), stage.start('api'), stage.start('api')]);
    const urls = apis.map(({ url }) => url);
    const broken: string[] = [];
    let slowest = 0;
    let doubled = 0;
    for (let round = 0; round < rounds; round++) {
      const client = await signIn(urls[0]!);
      const successors = await refreshAtOnce(urls, client.tokens.refresh_token, 100);
      doubled += successors.size - 1;
      const [successor] = [...successors];
      const again = await exchange('POST', `${urls[1]}/auth/refresh`, { body: { refresh_token: successor } });
      if (again?.status !== 200) {
        broken.push(`the successor was answered ${again?.status ?? 'nothing'}`);
        continue;
      }
      slowest = Math.max(slowest, await signOutEverywhere(urls, again.body.access_token));
    }
    return {
      faults: rounds,
      operations: rounds * 100,
      lost: 0,
      doubled,
      worstRecoverySeconds: null,
      broken: [...broken, ...(slowest > limitSeconds ? [`a sign-out took ${slowest.toFixed(2)} s`] : [])],
      note: `slowest sign-out ${seconds(slowest)}, on three processes`,
    };
  },
};

/** The refresh tokens that were returned, or the status of an answer other than 200. */
async function refreshAtOnce(urls: readonly string[], token: string, times: number): Promise<Set<string>> {
  const answers = await Promise.all(
    Array.from({ length: times }, (_, index) =>
      exchange('POST', `${urls[index % urls.length]}/auth/refresh`, { body: { refresh_token: token } }),
    ),
  );
  return new Set(answers.map((answer) => (answer?.status === 200 ? answer.body.refresh_token : `${answer?.status}`)));
}

/** Signs out at the first process; returns the seconds until the last one refuses the token. */
async function signOutEverywhere(urls: readonly string[], token: string): Promise<number> {
  const out = await exchange('POST', `${urls[0]}/auth/logout`, { token });
  const from = performance.now();
  if (out?.status !== 204) return Number.POSITIVE_INFINITY;
  await Promise.all(
    urls.map(async (url) => {
      while ((await exchange('GET', `${url}/user/me`, { token }))?.status !== 401) await pause(10);
    }),
  );
  return (performance.now() - from) / 1000;
}
