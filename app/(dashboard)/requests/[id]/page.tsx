import type { Metadata } from 'next';
import { RequestPageView } from './request';

export const metadata: Metadata = { title: 'Request' };

export default async function RequestPage({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  return <RequestPageView id={decodeURIComponent(id)} />;
}
