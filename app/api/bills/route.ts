import { methods, route } from '@/app/_server';
import { audit } from '@/app/api/_door/audit';
import { DOORS } from '@/lib/contract/doors';
import { readBill } from '@/lib/core/bill/read-bill';
import { ApiError } from '@/lib/core/errors';
import { keepBill, listBills } from '@/lib/store/bills';

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = methods({
  GET: route(DOORS['GET /api/bills'], async ({ deps }) => ({ bills: await listBills(deps.pools.admin) })),

  POST: route(DOORS['POST /api/bills'], async (call) => {
    const { deps, body, operator, now } = call;
    const read = readBill(body.text);
    if ('at' in read) {
      throw new ApiError('invalid_request_error', `${read.at}: ${read.message}`.slice(0, 500), {
        status: 422,
        errors: [{ path: 'text', message: `${read.at}: ${read.message}` }],
      });
    }
    const bill = await keepBill(deps.pools.admin, { id: deps.newId(), name: body.name, read, now, by: operator.name });
    await audit(call, { action: 'bill.import', object: bill.name, after: bill });
    return bill;
  }),
});
