import type { Metadata } from 'next';
import { Policy } from './policy';

export const metadata: Metadata = { title: 'Policy' };

export default function PolicyPage() {
  return <Policy />;
}
