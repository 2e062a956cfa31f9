import type { UpstreamBill } from './upstream-bill';

/** The API as one arm sees it: real behind a spending gate, or simulated. */
export interface FleetUpstream {
  url: string;
  /** The credential that this run's calls are told by. */
  keyOf(run: string): string;
  /** Once nobody asks any more: what is under way is waited for or, simulated, fast-forwarded. */
  settle(): Promise<void>;
  bill(run: string): Promise<UpstreamBill>;
  close(): Promise<void>;
}
