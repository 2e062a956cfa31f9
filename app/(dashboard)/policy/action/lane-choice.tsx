import { useEditor } from '@/app/(dashboard)/policy/editor-context';
import type { ActionDocument } from '@/lib/core/policy/document';
import classes from './action.module.css';

const LANES = [
  { lane: 'sync', about: 'answered at once, full price' },
  { lane: 'batch', about: 'half price, in its own time' },
  { lane: 'auto', about: 'batch where it is measured to pay' },
] as const;

interface LaneChoiceProps {
  name: string;
  lane: ActionDocument['lane'];
  onChange: (lane: ActionDocument['lane']) => void;
}

export function LaneChoice({ name, lane: chosen, onChange }: LaneChoiceProps) {
  const { reason } = useEditor();
  return (
    <fieldset className={classes.lanes}>
      <legend className="visually-hidden">{`${name}: lane`}</legend>
      {LANES.map(({ lane, about }) => (
        <label key={lane} className={classes.lane} data-lane={lane}>
          <input
            type="radio"
            name={`${name}: lane`}
            checked={lane === chosen}
            disabled={reason !== null}
            onChange={() => onChange(lane)}
          />
          <span>
            <strong>{lane}</strong> <span className={classes.about}>{about}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
