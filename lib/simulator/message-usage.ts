/** The `usage` object of a finished message (Messages API, response). */
export interface MessageUsage {
  input_tokens: number;
  output_tokens: number;
  cache_creation_input_tokens: number;
  cache_read_input_tokens: number;
  cache_creation: { ephemeral_5m_input_tokens: number; ephemeral_1h_input_tokens: number };
  server_tool_use: { web_search_requests: number; web_fetch_requests: number } | null;
  output_tokens_details: { thinking_tokens: number } | null;
  service_tier: 'standard' | 'batch';
  inference_geo: string;
  speed: 'standard' | 'fast';
}
