import { invalid } from './api-error';

/** Families of `anthropic-beta` values (SDK `AnthropicBeta`); a known family accepts any date. */
const BETA_FAMILIES: ReadonlySet<string> = new Set(
  `adaptive-thinking admin-user-sign-out afk-mode advanced-tool-use advisor-tool agent-memory analytics-usage-cost bash cache-diagnosis
  ccr-byoc ce-claude-code-managed-settings ce-plugins ce-user-management claude-code code-execution compact computer-use
  context-1m context-hint context-management dev-full-thinking dreaming effort environments examples experimental-claude-tag extended-cache-ttl fallback-credit
  fast-mode files-api fine-grained-tool-streaming inline-tools interleaved-thinking managed-agents max-tokens-3-5-sonnet mcp-client
  mcp-servers mcp-tunnels memory message-batches message-threads mid-conversation-output-config mid-conversation-system-clear-at
  mid-conversation-tool-changes model-context-window-exceeded oauth output-128k output-300k pdfs prompt-caching
  prompt-caching-scope redact-thinking research-preview server-side-fallback skills spend-limit-reads structured-outputs summarize-connector-text
  task-budgets telemetry-destinations thinking-binding-controls thinking-display-updates thinking-token-count
  token-counting token-efficient-tools tool-examples tool-search-tool user-profiles user-profiles-billing web-fetch web-search
  webhooks`.split(/\s+/),
);

/**
 * Reads the `anthropic-beta` header.
 *
 * @throws ApiError 400 for values that no known beta has (Beta headers page)
 */
export function checkBetas(header: string | undefined): readonly string[] {
  if (header === undefined || header === '') return [];
  const values = header
    .split(',')
    .map((value) => value.trim())
    .filter((value) => value !== '');
  const unknown = values.filter((value) => !isKnown(value));
  if (unknown.length > 0) {
    const names = unknown.map((value) => `\`${value}\``).join(', ');
    throw invalid(
      `Unexpected value(s) ${names} for the \`anthropic-beta\` header. Please consult our documentation at docs.claude.com or try again without the header.`,
    );
  }
  return values;
}

function isKnown(value: string): boolean {
  if (value.startsWith('beta-')) return true;
  const dated = /^([a-z0-9-]+?)-\d{4}-?\d{2}-?\d{2}$/.exec(value);
  return dated?.[1] !== undefined && BETA_FAMILIES.has(dated[1]);
}

/** Whether one of the families is switched on. */
export function hasBeta(betas: readonly string[], ...families: string[]): boolean {
  return betas.some((value) => families.some((family) => value.startsWith(`${family}-2`)));
}

/** Versions of the `anthropic-version` header (Versioning page). */
export type ApiVersion = '2023-06-01' | '2026-10-21';

/** @throws ApiError 400 when the header is missing or unknown */
export function checkVersion(header: string | undefined): ApiVersion {
  if (header === undefined || header === '') throw invalid('anthropic-version: header is required');
  if (header !== '2023-06-01' && header !== '2026-10-21') {
    throw invalid(`anthropic-version: "${header}" is not a valid version`);
  }
  return header;
}
