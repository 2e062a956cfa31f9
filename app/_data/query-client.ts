import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { ApiFailure } from './fetch-json';
import { goToLogin } from './session';

/** Stale data stays on the page while it is fetched again; only failures that may pass are tried again. */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    queryCache: new QueryCache({ onError: sendHomeWhenSignedOut }),
    mutationCache: new MutationCache({ onError: sendHomeWhenSignedOut }),
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        retry: (count, error) =>
          count < 2 && error instanceof ApiFailure && (error.status === 0 || error.status >= 500),
        retryDelay: (count) => 500 * 2 ** count,
      },
      mutations: { retry: false },
    },
  });
}

function sendHomeWhenSignedOut(error: Error): void {
  if (error instanceof ApiFailure && error.status === 401) goToLogin();
}
