'use client';

import { useQuery } from '@tanstack/react-query';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import { usePageRange } from '@/app/_data/page-range';
import { pricesQuery } from '@/app/_data/prices';
import { statusQuery } from '@/app/_data/status';
import { GuardedButton } from '@/app/_ui/guarded-button';
import { PageHead } from '@/app/_ui/page-head';
import { Panel } from '@/app/_ui/panel';
import { Empty, QueryState } from '@/app/_ui/query-state';
import { canWrite, VIEWER_REASON } from '@/app/_ui/roles';
import { useOpenParam } from '@/app/_ui/use-open-param';
import { BillPanel } from './bill-panel';
import { PriceTable } from './price-table';
import classes from './prices.module.css';
import { Unpriced } from './unpriced';

const AddPriceDialog = dynamic(() => import('./add-price-dialog').then((m) => m.AddPriceDialog), { ssr: false });

const HEIGHT = 560;

export function Prices() {
  const query = useQuery(pricesQuery);
  const { data: status } = useQuery(statusQuery);
  const { tz } = usePageRange();
  const [isAdding, setAdding] = useOpenParam();
  const [model, setModel] = useState('');
  const reason = !status || canWrite(status.operator.role) ? null : VIEWER_REASON;
  const add = (name: string) => {
    setModel(name);
    setAdding(true);
  };

  return (
    <>
      <PageHead
        title="Prices"
        note="Dated rows. A call costs what was in force when it arrived; a new row never changes a past cost."
      >
        <GuardedButton size="sm" reason={reason} onClick={() => add('')}>
          Add a price
        </GuardedButton>
      </PageHead>
      <QueryState what="The prices" query={query} height={HEIGHT}>
        {({ prices, unpriced }) => (
          <>
            {unpriced.length > 0 ? <Unpriced models={unpriced} reason={reason} onAdd={add} /> : null}
            <Panel title="Price table" note="USD per million tokens">
              {prices.length === 0 ? (
                <Empty height={HEIGHT}>No prices: every call is unpriced.</Empty>
              ) : (
                <PriceTable prices={prices} zone={tz} />
              )}
            </Panel>
          </>
        )}
      </QueryState>
      <div className={classes.stack}>
        <span />
        <BillPanel zone={tz} reason={reason} />
      </div>
      {isAdding && reason === null ? (
        <AddPriceDialog model={model} zone={tz} prices={query.data?.prices ?? []} onClose={() => setAdding(false)} />
      ) : null}
    </>
  );
}
