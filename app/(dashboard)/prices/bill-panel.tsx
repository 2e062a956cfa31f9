'use client';

import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { billsQuery, deleteBill, importBill } from '@/app/_data/bills';
import { pricesQuery } from '@/app/_data/prices';
import { Ago } from '@/app/_ui/ago';
import { countText } from '@/app/_ui/amounts';
import { GuardedButton } from '@/app/_ui/guarded-button';
import { InertText } from '@/app/_ui/inert-text';
import { Panel } from '@/app/_ui/panel';
import { QueryState } from '@/app/_ui/query-state';
import { ScrollRegion } from '@/app/_ui/scroll-region';
import { toast } from '@/app/_ui/toast';
import { useOpenParam } from '@/app/_ui/use-open-param';
import { visibleText } from '@/app/_ui/visible-text';
import type { Bill } from '@/lib/contract/bills';
import { BillComparisonView } from './bill-comparison';
import classes from './prices.module.css';

const FORMAT_TEXT: Readonly<Record<Bill['format'], string>> = {
  usage_report: 'usage report, JSON',
  cost_report: 'cost report, JSON',
  usage_csv: 'usage, CSV',
  cost_csv: 'cost, CSV',
};

/** The organisation's own account of its usage and cost, beside what was counted here. */
export function BillPanel({ zone, reason }: { zone: string; reason: string | null }) {
  const client = useQueryClient();
  const query = useQuery(billsQuery);
  const file = useRef<HTMLInputElement>(null);
  const refresh = () => client.invalidateQueries({ queryKey: ['bills'] });
  const add = useMutation({
    mutationFn: async (chosen: File) => importBill({ name: chosen.name.slice(0, 120), text: await chosen.text() }),
    onSuccess: (bill) => {
      toast(`${visibleText(bill.name)} imported`);
      void refresh();
    },
  });
  const remove = useMutation({ mutationFn: (bill: Bill) => deleteBill(bill.id), onSuccess: refresh });
  const fault = add.error ?? remove.error;
  const [isWanted, setWanted] = useOpenParam('bill');
  const panel = useRef<HTMLDivElement>(null);
  // What stands above must be there first: it would push the panel out of sight.
  const isInPlace = useQuery(pricesQuery).isSuccess;
  useEffect(() => {
    if (!isWanted || !isInPlace) return;
    // No page may open the choice of a file by itself: the button for it is what the palette leads to.
    panel.current?.querySelector<HTMLButtonElement>('button')?.focus();
    panel.current?.scrollIntoView({ block: 'start' });
    setWanted(false);
  }, [isWanted, isInPlace, setWanted]);
  return (
    <div ref={panel} className={classes.bill}>
      <Panel
        title="Compare with the bill"
        note="by UTC day, model and service tier"
        actions={
          <>
            <input
              ref={file}
              type="file"
              accept=".csv,.json,text/csv,application/json"
              aria-label="Export to import"
              className="visually-hidden"
              tabIndex={-1}
              disabled={reason !== null}
              onChange={({ currentTarget }) => {
                const [chosen] = currentTarget.files ?? [];
                if (chosen) add.mutate(chosen);
                currentTarget.value = '';
              }}
            />
            <GuardedButton
              size="compact-sm"
              variant="default"
              reason={reason}
              loading={add.isPending}
              onClick={() => file.current?.click()}
            >
              Import an export
            </GuardedButton>
          </>
        }
      >
        <p className="small soft">
          Taken are: JSON of the Usage and Cost Admin API (<code>/v1/organizations/usage_report/messages</code> and{' '}
          <code>/v1/organizations/cost_report</code>, grouped by model and service tier; all pages in one array), and
          the CSV of the Console’s usage and cost pages. Offpeak books a call on the day on which it arrived; calls that
          do not go through Offpeak are on the bill alone.
        </p>
        {fault ? (
          <p className={classes.fault} role="alert">
            Not imported. <InertText>{fault.message}</InertText>
          </p>
        ) : null}
        <QueryState what="The imports" query={query} height={48}>
          {({ bills }) =>
            bills.length === 0 ? (
              <p className="soft">Nothing was imported yet.</p>
            ) : (
              <>
                <ScrollRegion name="Imports, table">
                  <table className="rows">
                    <thead>
                      <tr>
                        <th scope="col">Export</th>
                        <th scope="col">Of</th>
                        <th scope="col">Days (UTC)</th>
                        <th scope="col" data-numeric>
                          Lines
                        </th>
                        <th scope="col">Imported</th>
                        <th scope="col">
                          <span className="visually-hidden">Actions</span>
                        </th>
                      </tr>
                    </thead>
                    <tbody>
                      {bills.map((bill) => (
                        <tr key={bill.id}>
                          <th scope="row">
                            <InertText>{bill.name}</InertText>
                          </th>
                          <td>{FORMAT_TEXT[bill.format]}</td>
                          <td className={classes.from}>
                            {bill.firstDay === bill.lastDay ? bill.firstDay : `${bill.firstDay} – ${bill.lastDay}`}
                          </td>
                          <td data-numeric>{countText(bill.lines)}</td>
                          <td>
                            <Ago at={bill.importedAt} zone={zone} /> <span className="soft">by </span>
                            <InertText>{bill.importedBy}</InertText>
                          </td>
                          <td data-numeric>
                            {reason === null ? (
                              <Button
                                size="compact-xs"
                                variant="default"
                                onClick={() => remove.mutate(bill)}
                                aria-label={`Delete ${visibleText(bill.name)}`}
                              >
                                Delete
                              </Button>
                            ) : null}
                          </td>
                        </tr>
                      ))}
                    </tbody>
                  </table>
                </ScrollRegion>
                <BillComparisonView bills={bills} />
              </>
            )
          }
        </QueryState>
      </Panel>
    </div>
  );
}
