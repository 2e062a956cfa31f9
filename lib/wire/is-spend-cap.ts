/** `error.details.error_code` of a 429 that lasts: until the month is over, or the operator raises a limit. */
const SPEND_CAPS = new Set(['enforced_spend_limit_reached', 'contract_spend_limit_reached']);

/**
 * Whether a 429 says that the money is spent, which another try cannot change. A rate limit, also one that names no
 * `retry-after`, passes (Messages API, errors).
 */
export function isSpendCap(body: Buffer): boolean {
  try {
    return SPEND_CAPS.has(JSON.parse(body.toString('utf8'))?.error?.details?.error_code);
  } catch {
    return false;
  }
}
