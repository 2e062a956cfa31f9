/** Error types of the Messages API's envelope and the HTTP status each one travels with. */
export const STATUS_BY_ERROR_TYPE = {
  invalid_request_error: 400,
  authentication_error: 401,
  billing_error: 402,
  permission_error: 403,
  not_found_error: 404,
  request_timeout: 408,
  conflict_error: 409,
  request_too_large: 413,
  rate_limit_error: 429,
  api_error: 500,
  not_implemented_error: 501,
  timeout_error: 504,
  overloaded_error: 529,
} as const;

export type ErrorType = keyof typeof STATUS_BY_ERROR_TYPE;

/** Next's bundle holds its own copy of this class, so failures are recognised by this brand, never by `instanceof`. */
const BRAND = Symbol.for('offpeak.api-error');

interface ApiErrorOptions extends ErrorOptions {
  /** Overrides the status that belongs to the type (502 for an unreachable upstream, say). */
  status?: number;
  headers?: Record<string, string>;
  /** Machine-readable extras for the admin API's envelope, such as `[{path, message}]`. */
  errors?: readonly { path: string; message: string }[];
}

/** A failure that a caller may see: its message holds no secret and no part of a body. */
export class ApiError extends Error {
  readonly [BRAND] = true;
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly errors: readonly { path: string; message: string }[] | undefined;

  constructor(
    readonly type: ErrorType,
    message: string,
    options: ApiErrorOptions = {},
  ) {
    super(message, options);
    this.name = 'ApiError';
    this.status = options.status ?? STATUS_BY_ERROR_TYPE[type];
    this.headers = options.headers ?? {};
    this.errors = options.errors;
  }
}

export function isApiError(error: unknown): error is ApiError {
  return typeof error === 'object' && error !== null && BRAND in error;
}
