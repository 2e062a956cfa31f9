'use client';

import { Button, NativeSelect } from '@mantine/core';
import { IconButton } from '@/app/_ui/icon-button';
import { useEditor, useFault } from '@/app/(dashboard)/policy/editor-context';
import { type Condition, isComparison } from '@/lib/core/policy/condition';
import { newComparison } from '@/lib/core/policy-draft/comparison-edit';
import { ComparisonRow } from './comparison-row';
import classes from './condition.module.css';

const MOST_DEPTH = 8;

interface ConditionEditorProps {
  condition: Condition;
  path: string;
  /** How it is called where it stands: `Condition 2.1`. */
  name: string;
  depth?: number;
  onChange: (condition: Condition, merge?: string) => void;
  /** Absent: it is the whole condition, which cannot go. */
  onRemove?: () => void;
}

type Shape = 'all' | 'any' | 'not';

/** A condition as rows and groups; one that asks for nothing holds for every call. */
export function ConditionEditor(props: ConditionEditorProps) {
  const { condition, path, name, depth = 1, onChange, onRemove } = props;
  if (isComparison(condition)) {
    return (
      <>
        <ComparisonRow
          comparison={condition}
          path={path}
          name={name}
          onChange={onChange}
          onRemove={onRemove ?? (() => onChange({}))}
        />
        {depth === 1 ? <AddButtons onAdd={(added) => onChange({ all: [condition, added] })} depth={depth} /> : null}
      </>
    );
  }
  const shape = shapeOf(condition);
  if (shape === null) {
    return (
      <div className={classes.every}>
        <span>Every call</span>
        {onRemove ? <IconButton icon="trash" label={`Remove ${name}`} onClick={onRemove} /> : null}
        <AddButtons onAdd={onChange} depth={depth} />
      </div>
    );
  }
  return <Group {...props} depth={depth} shape={shape} />;
}

const SHAPES = [
  { value: 'all', label: 'All of' },
  { value: 'any', label: 'Any of' },
  { value: 'not', label: 'Not' },
];

function Group({
  condition,
  path,
  name,
  depth = 1,
  shape,
  onChange,
  onRemove,
}: ConditionEditorProps & { shape: Shape }) {
  const { reason } = useEditor();
  const fault = useFault(path) ?? undefined;
  const parts = partsOf(condition);
  const put = (next: Condition[], merge?: string) => onChange(group(shape, next), merge);
  return (
    <fieldset className={classes.group} data-shape={shape}>
      <legend className="visually-hidden">{`${name}: ${SHAPES.find(({ value }) => value === shape)?.label} …`}</legend>
      <div className={classes.head}>
        <NativeSelect
          size="xs"
          aria-label={`${name}: group`}
          data={SHAPES}
          value={shape}
          disabled={reason !== null}
          onChange={(event) => onChange(regrouped(shape, event.currentTarget.value as Shape, parts))}
        />
        {onRemove && reason === null ? (
          <IconButton icon="trash" label={`Remove ${name} and all in it`} onClick={onRemove} />
        ) : null}
        {parts.length === 0 ? <span className="soft small">{shape === 'any' ? 'no call' : 'every call'}</span> : null}
      </div>
      {fault ? <p className={classes.fault}>{fault}</p> : null}
      <div className={classes.parts}>
        {parts.map((part, i) => (
          <ConditionEditor
            // biome-ignore lint/suspicious/noArrayIndexKey: conditions have no name but their place
            key={i}
            condition={part}
            path={shape === 'not' ? `${path}.not` : `${path}.${shape}[${i}]`}
            name={`${name}.${i + 1}`}
            depth={depth + 1}
            onChange={(next, merge) => put(parts.with(i, next), merge)}
            onRemove={() => {
              const left = parts.toSpliced(i, 1);
              if (shape === 'not' || (left.length === 0 && depth === 1)) onChange({});
              else put(left);
            }}
          />
        ))}
        {shape === 'not' ? null : <AddButtons onAdd={(added) => put([...parts, added])} depth={depth} />}
      </div>
    </fieldset>
  );
}

function AddButtons({ onAdd, depth }: { onAdd: (condition: Condition) => void; depth: number }) {
  if (useEditor().reason !== null) return null;
  return (
    <div className={classes.add}>
      <Button size="compact-xs" variant="default" onClick={() => onAdd(newComparison('model'))}>
        Add a condition
      </Button>
      {depth + 2 <= MOST_DEPTH ? (
        <Button size="compact-xs" variant="subtle" onClick={() => onAdd({ any: [newComparison('tag.job')] })}>
          Add a group
        </Button>
      ) : null}
    </div>
  );
}

function shapeOf(condition: Condition): Shape | null {
  if ('all' in condition) return 'all';
  if ('any' in condition) return 'any';
  return 'not' in condition ? 'not' : null;
}

function partsOf(condition: Condition): Condition[] {
  if ('all' in condition) return condition.all;
  if ('any' in condition) return condition.any;
  return 'not' in condition ? [condition.not] : [];
}

function group(shape: Shape, parts: Condition[]): Condition {
  if (shape === 'all') return { all: parts };
  if (shape === 'any') return { any: parts };
  return { not: parts[0] ?? {} };
}

/** Another kind of group around the same parts. */
function regrouped(from: Shape, to: Shape, parts: Condition[]): Condition {
  if (to !== 'not' || parts.length === 1) return group(to, parts);
  return { not: group(from, parts) };
}
