import type { Role } from '@/lib/core/request-states';

/** Viewers read; operators change keys and prices; admins also change operators. */
export function canWrite(role: Role | undefined): boolean {
  return role === 'operator' || role === 'admin';
}

export function canAdminister(role: Role | undefined): boolean {
  return role === 'admin';
}

export const VIEWER_REASON = 'Your role is viewer: an operator or admin can change this.';
export const ADMIN_REASON = 'Only an admin can change operators.';
