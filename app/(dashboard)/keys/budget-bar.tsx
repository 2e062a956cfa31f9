import { moneyText, shareText } from '@/app/_ui/amounts';
import type { Key } from '@/lib/contract/keys';
import classes from './keys.module.css';

/** What a key spent this month (UTC) of what it may; a key without a budget only tells what it spent. */
export function BudgetBar({ of: { spentMonthUsd, monthlyBudgetUsd } }: { of: Key }) {
  if (monthlyBudgetUsd === null) return moneyText(spentMonthUsd);
  const budget = Number(monthlyBudgetUsd);
  const share = budget > 0 ? Number(spentMonthUsd) / budget : 1;
  const isOver = Number(spentMonthUsd) >= budget;
  return (
    <span className={classes.budget} title={`${shareText(share)} of the budget; calls above it are refused with 429`}>
      <span>
        {moneyText(spentMonthUsd)} <span className="soft">of {moneyText(monthlyBudgetUsd)}</span>
        {isOver ? <span className={classes.over}> spent: calls are refused</span> : null}
      </span>
      <span className={classes.track} aria-hidden="true">
        <span
          className={classes.bar}
          data-tone={isOver ? 'over' : share >= 0.8 ? 'near' : undefined}
          style={{ width: `${Math.min(100, share * 100)}%` }}
        />
      </span>
    </span>
  );
}
