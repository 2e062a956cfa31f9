import { durationText, moneyText } from '@/app/_ui/amounts';
import { CopyId } from '@/app/_ui/copy-button';
import { InertText } from '@/app/_ui/inert-text';
import { LaneMark, Mark } from '@/app/_ui/marks';
import type { RequestDetail } from '@/lib/contract/requests';
import classes from './request-detail-view.module.css';

/** Each upstream attempt on the request's own time line, with what it cost. */
export function AttemptTable({ detail: { request, attempts } }: { detail: RequestDetail }) {
  const isOpen = request.state === 'waiting' || request.state === 'running';
  if (attempts.length === 0) return <p className="soft">Nothing was sent upstream{isOpen ? ' yet' : ''}.</p>;
  const start = Date.parse(request.arrivedAt);
  const end = Math.max(start + 1, ...attempts.map(({ endedAt }) => Date.parse(endedAt)));
  const share = (at: string) => ((Date.parse(at) - start) / (end - start)) * 100;
  return (
    <section className={classes.scroll} aria-label="Attempts">
      <table className="rows">
        <thead>
          <tr>
            <th scope="col">Lane</th>
            <th scope="col">When</th>
            <th scope="col" data-numeric>
              Took
            </th>
            <th scope="col">Answer</th>
            <th scope="col">Delivered</th>
            <th scope="col" data-numeric>
              Cost
            </th>
          </tr>
        </thead>
        <tbody>
          {attempts.map((attempt) => (
            <tr key={attempt.key}>
              <td>
                <LaneMark lane={attempt.lane} />
              </td>
              <td>
                <span className={classes.track} aria-hidden="true">
                  <span
                    className={classes.bar}
                    style={{
                      left: `${Math.max(0, share(attempt.startedAt))}%`,
                      width: `${Math.max(0, share(attempt.endedAt) - share(attempt.startedAt))}%`,
                      background: `var(--${attempt.lane})`,
                    }}
                  />
                </span>
                <span className="small soft">+{durationText(Math.max(0, Date.parse(attempt.startedAt) - start))}</span>
              </td>
              <td data-numeric>{durationText(Date.parse(attempt.endedAt) - Date.parse(attempt.startedAt))}</td>
              <td className={classes.answer}>
                {attempt.httpStatus ?? '–'}{' '}
                {attempt.errorType === null ? '' : <InertText>{attempt.errorType}</InertText>}
                {attempt.messageId === null ? null : (
                  <div>
                    <CopyId id={attempt.messageId} what="message id" />
                  </div>
                )}
              </td>
              <td>{attempt.delivered ? <Mark tone="saved">yes</Mark> : <Mark tone="waste">no, waste</Mark>}</td>
              <td data-numeric>
                {attempt.costUsd === null ? 'unpriced' : moneyText(attempt.costUsd)}
                {attempt.estimated ? ' (estimate)' : ''}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {request.syncCostUsd !== null && request.costUsd !== null ? (
        <p className="small soft">
          Sync cost {moneyText(request.syncCostUsd)}, waste {moneyText(request.wasteUsd ?? '0')}, saved{' '}
          {moneyText(Number(request.syncCostUsd) - Number(request.costUsd))}.
        </p>
      ) : null}
    </section>
  );
}
