import type { Metadata } from 'next';
import { Prices } from './prices';

export const metadata: Metadata = { title: 'Prices' };

export default function PricesPage() {
  return <Prices />;
}
