import { methods, route } from '@/app/_server';
import { DOORS } from '@/lib/contract/doors';
import { openApiDocument } from '@/lib/contract/openapi';

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = methods({
  GET: route(DOORS['GET /api/openapi.json'], async ({ deps }) => openApiDocument(deps.adminOrigin, deps.version)),
});
