import type { Metadata } from 'next';
import { Batches } from './batches';

export const metadata: Metadata = { title: 'Batches' };

export default function BatchesPage() {
  return <Batches />;
}
