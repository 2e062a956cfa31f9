import { InertText } from './inert-text';
import classes from './tag-list.module.css';

interface TagListProps {
  tags: Readonly<Record<string, string>>;
  /** In rows of one height: what does not fit is cut. */
  oneLine?: boolean;
}

export function TagList({ tags, oneLine = false }: TagListProps) {
  const entries = Object.entries(tags);
  if (entries.length === 0) return <span className="soft">–</span>;
  return (
    <span className={classes.list} data-one-line={oneLine || undefined}>
      {entries.map(([name, value]) => (
        <span key={name} className={classes.tag}>
          <InertText>{`${name}=${value}`}</InertText>
        </span>
      ))}
    </span>
  );
}
