import { countText, shareText } from '@/app/_ui/amounts';
import { Swatch } from '@/app/_ui/charts/swatch';
import { InertText } from '@/app/_ui/inert-text';
import { Mark } from '@/app/_ui/marks';
import { ScrollRegion } from '@/app/_ui/scroll-region';
import type { Price } from '@/lib/contract/prices';
import { momentLabel } from '@/lib/core/series/time-labels';
import { priceGroups } from './price-groups';
import classes from './prices.module.css';

const RATES = ['input', 'output', 'cacheWrite5m', 'cacheWrite1h', 'cacheRead'] as const;
const HEADS = ['Input', 'Output', 'Write 5 min', 'Write 1 h', 'Cache read', 'Batch off'];

export function PriceTable({ prices, zone }: { prices: readonly Price[]; zone: string }) {
  return (
    <ScrollRegion name="Prices, table">
      <table className="rows">
        <thead>
          <tr>
            <th scope="col">Model</th>
            <th scope="col">In force from</th>
            {HEADS.map((name) => (
              <th key={name} scope="col" data-numeric>
                {name}
              </th>
            ))}
            <th scope="col">Source</th>
          </tr>
        </thead>
        {priceGroups(prices).map(({ model, aliases, rows }) => (
          <tbody key={model}>
            {rows.map((row, i) => (
              <tr key={row.id} className={row.current ? undefined : classes.past}>
                {i === 0 ? (
                  <th scope="rowgroup" rowSpan={rows.length}>
                    <span className={classes.model}>
                      <Swatch of={{ subject: { kind: 'model', model }, weight: 'strong' }} kind="bars" />
                      <InertText>{model}</InertText>
                    </span>
                    {aliases.length > 0 ? (
                      <div className="small soft">
                        also <InertText>{aliases.join(', ')}</InertText>
                      </div>
                    ) : null}
                  </th>
                ) : null}
                <PriceCells row={row} zone={zone} />
              </tr>
            ))}
          </tbody>
        ))}
      </table>
    </ScrollRegion>
  );
}

function PriceCells({ row, zone }: { row: Price; zone: string }) {
  const isComing = !row.current && Date.parse(row.effectiveFrom) > Date.now();
  return (
    <>
      <td className={classes.from}>
        {fromText(row.effectiveFrom, zone)}
        <br />
        {row.current ? <Mark tone="saved">in force</Mark> : <Mark tone="quiet">{isComing ? 'to come' : 'past'}</Mark>}
      </td>
      {RATES.map((rate) => (
        <td key={rate} data-numeric>
          {rateText(row[rate])}
          {row.longContext ? (
            <div className="small soft" title={`Over ${countText(row.longContext.threshold)} prompt tokens`}>
              {rateText(row.longContext[rate])}
            </div>
          ) : null}
        </td>
      ))}
      <td data-numeric>{shareText(row.batchDiscount)}</td>
      <td className={`small ${classes.source}`}>
        <InertText>{row.source}</InertText>
        <div className="soft">
          by <InertText>{row.createdBy}</InertText>
          {row.longContext ? `; second line: over ${countText(row.longContext.threshold)} prompt tokens` : ''}
        </div>
      </td>
    </>
  );
}

/** Shipped rows hold from the epoch on: their true first day does not matter to any call here. */
function fromText(effectiveFrom: string, zone: string): string {
  const at = Date.parse(effectiveFrom);
  return at <= 0 ? 'the start' : momentLabel(at, zone);
}

/** Exact, with cents at least: `$12.50`, `$0.0125`. */
function rateText(usd: string): string {
  const [whole = '0', fraction = ''] = usd.split('.');
  return `$${whole}.${fraction.padEnd(2, '0')}`;
}
