import { ensureBuild } from '@/e2e/process/ensure-build';

/** Before the first file, outside of any test's time limit. */
export default function buildOnce(): Promise<void> {
  return ensureBuild();
}
