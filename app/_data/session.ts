import type { SessionAnswer, SessionRequest } from '@/lib/contract/session';
import { fetchJson } from './fetch-json';

export function signIn(request: SessionRequest): Promise<SessionAnswer> {
  return fetchJson<SessionAnswer>('/api/session', { method: 'POST', body: request });
}

/** Ends the session. A full page load follows, so that no answer of it stays in memory. */
export async function signOut(): Promise<void> {
  await fetchJson('/api/session', { method: 'DELETE' });
  window.location.assign('/login');
}

let leaving = false;

/** Every query of a page fails at once when the session ends: the first of them leaves. */
export function goToLogin(): void {
  if (leaving || window.location.pathname === '/login') return;
  leaving = true;
  const here = window.location.pathname + window.location.search;
  window.location.assign(here === '/' ? '/login' : `/login?next=${encodeURIComponent(here)}`);
}

/** Where to go after the login: a path of this origin, whatever `next` says. */
export function pathAfterLogin(next: string | null, origin: string): string {
  if (!next?.startsWith('/')) return '/';
  try {
    const url = new URL(next, origin);
    if (url.origin !== origin || url.pathname === '/login') return '/';
    return url.pathname + url.search;
  } catch {
    return '/';
  }
}
