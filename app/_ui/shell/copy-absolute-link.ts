import { type RangeQuery, resolveRange } from '@/app/_data/page-range';
import { toast } from '@/app/_ui/toast';

/** The page's address with its range as it stands now: whoever opens it later sees the same. */
export function copyAbsoluteLink(range: RangeQuery): void {
  const { from, to } = resolveRange(range, Date.now());
  const url = new URL(window.location.href);
  url.searchParams.set('from', from.toISOString());
  url.searchParams.set('to', to.toISOString());
  void navigator.clipboard.writeText(url.toString()).then(
    () => toast('Link with absolute times copied'),
    () => toast('The browser did not let the link be copied'),
  );
}
