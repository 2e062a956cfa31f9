import type { ChartSeries } from '@/lib/core/series/chart-model';
import { modelPaint } from '@/lib/core/series/model-paint';

interface Stroke {
  color: string;
  dash: string;
}

/** A series' colour as a CSS variable, so that both themes and every page agree on it. */
export function strokeOf({ subject }: Pick<ChartSeries, 'subject'>): Stroke {
  switch (subject.kind) {
    case 'model': {
      const { hue, shade, dash } = modelPaint(subject.model);
      return { color: `var(--model-${hue}-${shade})`, dash };
    }
    case 'hue':
      return { color: `var(--model-${subject.hue}-${subject.shade})`, dash: '' };
    case 'other':
      return { color: 'var(--unmeasured)', dash: '1 3' };
    case 'token':
      return { color: `var(--${subject.token})`, dash: '' };
  }
}
