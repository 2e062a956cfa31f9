import { NativeSelect } from '@mantine/core';
import { PERCENTILES, type Percentile } from '@/lib/core/series/latency-chart';

interface PercentileSelectProps {
  name: string;
  all: readonly Percentile[];
  show: readonly Percentile[];
  onShow: (show: readonly Percentile[]) => void;
}

/** One percentile, or the median beside another: bold and thin. */
export function PercentileSelect({ name, all, show, onShow }: PercentileSelectProps) {
  const pairs = all.filter((percentile) => percentile !== 'p50').map((percentile) => `p50 ${percentile}`);
  return (
    <NativeSelect
      size="xs"
      aria-label={name}
      value={show.join(' ')}
      onChange={(event) => {
        const names = event.currentTarget.value.split(' ');
        onShow(PERCENTILES.filter((percentile) => names.includes(percentile)));
      }}
      data={[...pairs, ...all].map((value) => ({ value, label: value.replace(' ', ', ') }))}
    />
  );
}
