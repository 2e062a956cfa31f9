import type { ExplainRequest } from '@/lib/contract/policy-explain';
import type { PolicyDocument } from '@/lib/core/policy/document';
import { parseTags } from '@/lib/core/tags';

/** What stands in the form, as it was typed. */
export interface TryForm {
  source: 'call' | 'logged';
  against: 'live' | 'draft';
  body: string;
  headers: string;
  tolerance: string;
  tags: string;
  key: string;
  requestId: string;
}

export function emptyForm(model: string, requestId: string | null): TryForm {
  const body = { model, max_tokens: 1_024, messages: [{ role: 'user', content: 'Grade this answer.' }] };
  return {
    source: requestId === null ? 'call' : 'logged',
    against: 'live',
    body: JSON.stringify(body, null, 2),
    headers: '',
    tolerance: '10m',
    tags: 'job=evals',
    key: '',
    requestId: requestId ?? '',
  };
}

type Asked = Partial<Pick<ExplainRequest, 'body' | 'requestId' | 'tolerance' | 'tags' | 'key' | 'document'>> & {
  headers?: Record<string, string>;
};

/** The call of the API that the form stands for, or the sentence that says what is wrong with it. */
export function askedOf(form: TryForm, draft: PolicyDocument): Asked | string {
  const document = form.against === 'draft' ? { document: draft } : {};
  if (form.source === 'logged') {
    const requestId = form.requestId.trim();
    return requestId === '' ? 'Which request? Give its id, or pick one.' : { requestId, ...document };
  }
  const asked: Asked = { ...document };
  try {
    asked.body = JSON.parse(form.body);
  } catch (error) {
    return `The body is no JSON: ${error instanceof Error ? error.message : 'it cannot be read'}`;
  }
  if (form.tolerance.trim()) asked.tolerance = form.tolerance.trim();
  if (form.key) asked.key = form.key;
  if (form.tags.trim()) {
    const tags = parseTags(form.tags.trim());
    if (typeof tags === 'string') return `Tags: ${tags}`;
    asked.tags = { ...tags };
  }
  const headers = headersOf(form.headers);
  if (typeof headers === 'string') return headers;
  return { ...asked, headers };
}

function headersOf(text: string): Record<string, string> | string {
  const headers: [string, string][] = [];
  for (const line of text.split('\n')) {
    if (!line.trim()) continue;
    const colon = line.indexOf(':');
    if (colon < 1) return `Headers: “${line.trim().slice(0, 40)}” is not of the form name: value`;
    headers.push([line.slice(0, colon).trim(), line.slice(colon + 1).trim()]);
  }
  return Object.fromEntries(headers);
}
