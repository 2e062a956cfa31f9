'use client';

import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import type { PageRange } from '@/app/_data/page-range';
import { tokensQuery } from '@/app/_data/spend';
import { countText, moneyText, shareText } from '@/app/_ui/amounts';
import { Swatch } from '@/app/_ui/charts/swatch';
import { download } from '@/app/_ui/download';
import { IconButton } from '@/app/_ui/icon-button';
import { InertText } from '@/app/_ui/inert-text';
import { Panel } from '@/app/_ui/panel';
import { Empty, QueryState } from '@/app/_ui/query-state';
import { ScrollRegion } from '@/app/_ui/scroll-region';
import { usePageHref } from '@/app/_ui/shell/use-page-href';
import type { TokensAnswer } from '@/lib/contract/spend-metrics';
import { subjectOf } from '@/lib/core/series/chart-model';
import { csvOf } from '@/lib/core/series/csv';
import { allTokens, cacheShare } from '@/lib/core/series/token-chart';
import classes from './cost.module.css';
import { perMillionUsd } from './cost-tiles';

const TITLE = 'What a request costs';
const HEIGHT = 160;
type Row = TokensAnswer['byModel'][number];

export function ModelCosts({ range }: { range: PageRange }) {
  const query = useQuery(tokensQuery(range));
  const href = usePageHref();
  return (
    <Panel
      title={TITLE}
      note="by model; cost and means of priced calls only"
      actions={
        <IconButton
          icon="download"
          label={`${TITLE}: download CSV`}
          disabled={!query.data}
          onClick={() => query.data && download('offpeak-cost-by-model.csv', csvOf(tableOf(query.data)))}
        />
      }
    >
      <QueryState what={TITLE} query={query} height={HEIGHT}>
        {({ byModel }) =>
          byModel.length === 0 ? (
            <Empty height={HEIGHT}>No call in this range.</Empty>
          ) : (
            <ScrollRegion name={`${TITLE}, table`}>
              <table className={`rows ${classes.table}`}>
                <thead>
                  <tr>
                    <th scope="col">Model</th>
                    {COLUMNS.map((name) => (
                      <th key={name} scope="col" data-numeric>
                        {name}
                      </th>
                    ))}
                  </tr>
                </thead>
                <tbody>
                  {byModel.map((row) => (
                    <ModelRow
                      key={row.model}
                      row={row}
                      href={href(`/requests?model=${encodeURIComponent(row.model)}`)}
                      prices={href('/prices')}
                    />
                  ))}
                </tbody>
              </table>
            </ScrollRegion>
          )
        }
      </QueryState>
    </Panel>
  );
}

const COLUMNS = [
  'Requests',
  'Spend',
  'Per request',
  'Per M tokens',
  'Prompt tokens',
  'Read from cache',
  'Output tokens',
] as const;

function ModelRow({ row, href, prices }: { row: Row; href: string; prices: string }) {
  const subject = subjectOf(row.model);
  const { requests, unpriced, costUsd, tokens } = row;
  const priced = requests - unpriced;
  return (
    <tr>
      <th scope="row">
        <span className={classes.model}>
          <Swatch of={{ subject, weight: 'strong' }} kind="bars" />
          {subject.kind === 'model' ? (
            <Link href={href} title="Its requests in this range">
              <InertText>{row.model}</InertText>
            </Link>
          ) : (
            row.model
          )}
          {unpriced > 0 ? (
            <Link href={prices} className={classes.unpriced}>
              {countText(unpriced)} unpriced
            </Link>
          ) : null}
        </span>
      </th>
      <td data-numeric>{countText(requests)}</td>
      <td data-numeric>{priced > 0 ? moneyText(costUsd) : '–'}</td>
      <td data-numeric>{priced > 0 ? moneyText(Number(costUsd) / priced) : '–'}</td>
      <td data-numeric>{perMillionUsd(Number(costUsd), [row])}</td>
      <td data-numeric>{countText(allTokens(tokens) - tokens.output)}</td>
      <td data-numeric>{shareText(cacheShare(tokens))}</td>
      <td data-numeric>{countText(tokens.output)}</td>
    </tr>
  );
}

function tableOf({ byModel }: TokensAnswer) {
  return {
    head: [
      'model',
      'requests',
      'unpriced',
      'cost (USD)',
      'input tokens',
      'output tokens',
      'cache read tokens',
      'cache write tokens, 5 min',
      'cache write tokens, 1 h',
      'priced tokens',
    ],
    rows: byModel.map(({ model, requests, unpriced, costUsd, tokens, pricedTokens }) =>
      [
        model,
        requests,
        unpriced,
        costUsd,
        tokens.input,
        tokens.output,
        tokens.cacheRead,
        tokens.cacheWrite5m,
        tokens.cacheWrite1h,
        pricedTokens,
      ].map(String),
    ),
  };
}
