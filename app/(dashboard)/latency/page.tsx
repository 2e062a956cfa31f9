import type { Metadata } from 'next';
import { Latency } from './latency';

export const metadata: Metadata = { title: 'Latency' };

export default function LatencyPage() {
  return <Latency />;
}
