import { admit, answering } from '@/app/_server';
import { DOORS_TO_COME, type Door } from '@/lib/contract/doors';
import { ApiError } from '@/lib/core/errors';

/** Every path under `/api` that has no door of its own: not built yet, another method, or nothing at all. */
function remaining(request: Request): Promise<Response> {
  return answering(request, async (deps) => {
    const matches = doorsAt(new URL(request.url).pathname);
    const asked = matches.find(({ method }) => method === request.method);
    await admit(deps, request, asked?.door ?? { access: 'viewer', summary: '' });
    if (asked) throw new ApiError('not_implemented_error', 'This part of Offpeak is not built yet');
    if (matches.length === 0) throw new ApiError('not_found_error', 'No such path in the admin API');
    const allow = matches.map(({ method }) => method).join(', ');
    throw new ApiError('invalid_request_error', `This path takes ${allow}`, { status: 405, headers: { allow } });
  });
}

function doorsAt(path: string): { method: string; door: Door }[] {
  return Object.entries<Door>(DOORS_TO_COME).flatMap(([name, door]) => {
    const [method = '', template = ''] = name.split(' ');
    return matches(template, path) ? [{ method, door }] : [];
  });
}

function matches(template: string, path: string): boolean {
  const [wanted, given] = [template.split('/'), path.split('/')];
  return wanted.length === given.length && wanted.every((part, i) => part.startsWith('{') || part === given[i]);
}

export {
  remaining as DELETE,
  remaining as GET,
  remaining as HEAD,
  remaining as OPTIONS,
  remaining as PATCH,
  remaining as POST,
  remaining as PUT,
};
