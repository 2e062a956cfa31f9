import { countText } from '@/app/_ui/amounts';
import { GuardedButton } from '@/app/_ui/guarded-button';
import { Icon } from '@/app/_ui/icon';
import { InertText } from '@/app/_ui/inert-text';
import { visibleText } from '@/app/_ui/visible-text';
import type { PriceList } from '@/lib/contract/prices';
import classes from './prices.module.css';

interface UnpricedProps {
  models: PriceList['unpriced'];
  reason: string | null;
  onAdd: (model: string) => void;
}

/** Models that were called and have no price: their cost is unknown, which is not zero. */
export function Unpriced({ models, reason, onAdd }: UnpricedProps) {
  return (
    <section className={classes.unpriced} aria-label="Models without a price">
      <p>
        <Icon name="warning" /> <strong>Without a price</strong>, in the last 30 days. These calls are in none of the
        sums of money.
      </p>
      <ul>
        {models.map(({ model, requests }) => (
          <li key={model}>
            <InertText>{model}</InertText>
            <span className="soft">
              {countText(requests)} {requests === 1 ? 'call' : 'calls'}
            </span>
            <GuardedButton
              size="compact-xs"
              variant="default"
              reason={reason}
              onClick={() => onAdd(model)}
              aria-label={`Add a price for ${visibleText(model)}`}
            >
              Add a price
            </GuardedButton>
          </li>
        ))}
      </ul>
    </section>
  );
}
