import type { RequestDetail, RequestRow, RequestsAnswer } from '@/lib/contract/requests';
import type { Status } from '@/lib/contract/status';

export interface Answer<T = unknown> {
  status: number;
  headers: Headers;
  body: T;
}

/** The admin API with an operator's token. */
export class AdminApi {
  constructor(
    private readonly origin: string,
    private readonly token: string,
  ) {}

  async call<T = unknown>(method: string, path: string, body?: unknown): Promise<Answer<T>> {
    const response = await fetch(`${this.origin}${path}`, {
      method,
      headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: (text === '' ? null : JSON.parse(text)) as T };
  }

  /** @throws on anything but a success. */
  async get<T>(path: string): Promise<T> {
    const { status, body } = await this.call<T>('GET', path);
    if (status !== 200) throw new Error(`GET ${path} answered ${status}: ${JSON.stringify(body)}`);
    return body;
  }

  async text(path: string): Promise<string> {
    const response = await fetch(`${this.origin}${path}`, { headers: { authorization: `Bearer ${this.token}` } });
    return response.text();
  }

  /** Every row of the request log, newest first. */
  async requests(query = ''): Promise<RequestRow[]> {
    const rows: RequestRow[] = [];
    let cursor: string | null = null;
    do {
      const after: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const page: RequestsAnswer = await this.get<RequestsAnswer>(`/api/requests?limit=500&${query}${after}`);
      rows.push(...page.rows);
      cursor = page.nextCursor;
    } while (cursor !== null);
    return rows;
  }

  request(id: string): Promise<RequestDetail> {
    return this.get(`/api/requests/${id}`);
  }

  status(): Promise<Status> {
    return this.get('/api/status');
  }

  /** Creates a client key; the answer holds its secret. */
  async createKey(key: { name: string } & Record<string, unknown>): Promise<{ id: string; secret: string }> {
    const { status, body } = await this.call<{ id: string; secret: string }>('POST', '/api/keys', key);
    if (status !== 201) throw new Error(`the key was not created: ${status} ${JSON.stringify(body)}`);
    return body;
  }

  /** Value of a sample at /metrics, with labels as they stand there; 0 when there is none. */
  async metric(sample: string): Promise<number> {
    const line = (await this.text('/metrics')).split('\n').find((one) => one.startsWith(`${sample} `));
    return line ? Number(line.slice(sample.length + 1)) : 0;
  }
}
