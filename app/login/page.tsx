import type { Metadata } from 'next';
import { Login } from './login';

export const metadata: Metadata = { title: 'Log in' };

export default function LoginPage() {
  return <Login />;
}
