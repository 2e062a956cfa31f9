import { InertText } from './inert-text';
import classes from './tag-list.module.css';

export function TagList({ tags }: { tags: Readonly<Record<string, string>> }) {
  const entries = Object.entries(tags);
  if (entries.length === 0) return <span className="soft">–</span>;
  return (
    <span className={classes.list}>
      {entries.map(([name, value]) => (
        <span key={name} className={classes.tag}>
          <InertText>{`${name}=${value}`}</InertText>
        </span>
      ))}
    </span>
  );
}
