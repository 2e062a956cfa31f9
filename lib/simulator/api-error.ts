/** Statuses by `error.type` (Errors page). */
const STATUS_BY_TYPE = {
  invalid_request_error: 400,
  authentication_error: 401,
  billing_error: 402,
  permission_error: 403,
  not_found_error: 404,
  conflict_error: 409,
  request_too_large: 413,
  rate_limit_error: 429,
  api_error: 500,
  timeout_error: 504,
  overloaded_error: 529,
} as const;

/** `error.type` of the error envelope. */
type ApiErrorType = keyof typeof STATUS_BY_TYPE;

/** The error envelope as it is sent with every failure, and inside errored batch results. */
export interface ErrorEnvelope {
  type: 'error';
  error: { type: string; message: string; details?: { error_code: string } };
  request_id: string | null;
}

/** A failure of the API itself; one catch at the door turns it into an envelope. */
export class ApiError extends Error {
  readonly type: string;
  readonly status: number;
  readonly errorCode: string | undefined;
  readonly headers: Record<string, string>;

  constructor(
    type: ApiErrorType | (string & {}),
    message: string,
    extra: { status?: number; errorCode?: string; headers?: Record<string, string> } = {},
  ) {
    super(message);
    this.type = type;
    this.status = extra.status ?? statusOfType(type);
    this.errorCode = extra.errorCode;
    this.headers = extra.headers ?? {};
  }

  envelope(requestId: string | null): ErrorEnvelope {
    const error =
      this.errorCode === undefined
        ? { type: this.type, message: this.message }
        : { type: this.type, message: this.message, details: { error_code: this.errorCode } };
    return { type: 'error', error, request_id: requestId };
  }
}

/** HTTP status that goes with an error type; 500 for an unknown one. */
function statusOfType(type: string): number {
  return Object.hasOwn(STATUS_BY_TYPE, type) ? STATUS_BY_TYPE[type as ApiErrorType] : 500;
}

/** Error type that goes with a status; `api_error` for an unknown one. */
export function typeOfStatus(status: number): string {
  return Object.entries(STATUS_BY_TYPE).find(([, known]) => known === status)?.[0] ?? 'api_error';
}

/** The usual 400. */
export function invalid(message: string): ApiError {
  return new ApiError('invalid_request_error', message);
}
