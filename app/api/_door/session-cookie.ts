const NAME = 'offpeak_session';
const SECRET = /^ops_[A-Za-z0-9_-]{43}$/;

/** The session's secret, when the cookie holds something that looks like one. */
export function readSessionCookie(request: Request): string | null {
  for (const part of request.headers.get('cookie')?.split(';') ?? []) {
    const equals = part.indexOf('=');
    if (part.slice(0, equals).trim() !== NAME) continue;
    const value = part.slice(equals + 1).trim();
    return SECRET.test(value) ? value : null;
  }
  return null;
}

/** @param origin the public one: on https the cookie is never sent in the clear. */
export function sessionCookie(secret: string, expiresAt: Date, origin: string): string {
  return cookie(secret, `Expires=${expiresAt.toUTCString()}`, origin);
}

export function clearedSessionCookie(origin: string): string {
  return cookie('', 'Max-Age=0', origin);
}

function cookie(value: string, life: string, origin: string): string {
  const secure = origin.startsWith('https:') ? '; Secure' : '';
  return `${NAME}=${value}; Path=/; HttpOnly; SameSite=Lax; ${life}${secure}`;
}
