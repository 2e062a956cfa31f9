'use client';

import { Button } from '@mantine/core';

export default function PageError({ reset }: { error: Error; reset: () => void }) {
  return (
    <main className="fallback">
      <h1>This page broke</h1>
      <p className="soft">The proxy is not affected. Try again; if it stays broken, the browser’s console says why.</p>
      <Button onClick={reset}>Try again</Button>
    </main>
  );
}
