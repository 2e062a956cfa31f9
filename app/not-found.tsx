import Link from 'next/link';
import classes from './fallback.module.css';

export default function NotFound() {
  return (
    <main className={classes.page}>
      <h1>There is no such page</h1>
      <p>
        <Link href="/">Go to the overview</Link>
      </p>
    </main>
  );
}
