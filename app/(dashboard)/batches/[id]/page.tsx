import type { Metadata } from 'next';
import { BatchPageView } from './batch';

export const metadata: Metadata = { title: 'Batch' };

export default async function BatchPage({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  return <BatchPageView id={decodeURIComponent(id)} />;
}
