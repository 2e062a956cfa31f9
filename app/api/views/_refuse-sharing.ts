import { mayAct } from '@/app/api/_door/authenticate';
import { ApiError } from '@/lib/core/errors';
import type { Identity } from '@/lib/store/operators';

/** What is shared is everyone's. @throws ApiError `permission_error`. */
export function refuseSharing(operator: Identity): void {
  if (!mayAct(operator, 'operator')) {
    throw new ApiError('permission_error', `A shared view needs the role operator; yours is ${operator.role}`);
  }
}
