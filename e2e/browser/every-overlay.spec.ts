import { makeCalls, mixedCalls } from './calls';
import { judgeAll } from './judge-page';
import { logIn, test, withOffpeak } from './offpeak-test';
import { OVERLAYS } from './pages';

withOffpeak({ prepare: async (offpeak) => void (await makeCalls(offpeak, mixedCalls())) });

test('whatever opens over a page is reachable for all', async ({ page, offpeak }) => {
  test.setTimeout(400_000);
  await logIn(page, offpeak.adminToken);
  await judgeAll(page, OVERLAYS);
});
