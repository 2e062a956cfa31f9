import type { SizeClass } from '@/lib/core/lane-states';

const SMALL_TOKENS = 4_096;
const MEDIUM_TOKENS = 16_384;
/** Tools that upstream runs itself: their turns take as long as the web does. */
const SERVER_TOOL = /^(web_search|web_fetch|code_execution|tool_search|mcp_toolset)/;

/** Which calls may share a batch without waiting for much longer ones: a batch ends when its last item does. */
export function sizeClass(body: Record<string, unknown>): SizeClass {
  const tools = Array.isArray(body.tools) ? body.tools : [];
  if (tools.some((tool) => SERVER_TOOL.test(String((tool as { type?: unknown } | null)?.type ?? '')))) return 'tools';
  const thinking = body.thinking as { budget_tokens?: unknown } | null | undefined;
  const budget = typeof thinking?.budget_tokens === 'number' ? thinking.budget_tokens : 0;
  const most = Math.max(typeof body.max_tokens === 'number' ? body.max_tokens : 0, budget);
  if (most <= SMALL_TOKENS) return 'small';
  return most <= MEDIUM_TOKENS ? 'medium' : 'large';
}
