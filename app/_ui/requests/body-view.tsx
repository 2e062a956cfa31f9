import { CopyButton } from '@/app/_ui/copy-button';
import { InertText } from '@/app/_ui/inert-text';
import type { RequestDetail } from '@/lib/contract/requests';
import classes from './request-detail-view.module.css';

/** Bodies are text from outside: shown letter by letter, never rendered. */
export function BodyView({ bodies }: { bodies: RequestDetail['bodies'] }) {
  if (bodies === null) {
    return (
      <p className="soft">
        Body not stored. Bodies are kept only with <code>OFFPEAK_LOG_BODIES=on</code>, for keys and calls that allow it,
        and for a limited time.
      </p>
    );
  }
  return (
    <>
      {bodies.truncated ? <p className="soft">Too long to keep whole: what follows is cut.</p> : null}
      <OneBody name="Request" text={bodies.request} />
      <OneBody name="Response" text={bodies.response} />
    </>
  );
}

function OneBody({ name, text }: { name: string; text: string | null }) {
  if (text === null) return <p className="soft">{name}: not stored.</p>;
  const readable = pretty(text);
  return (
    <details>
      <summary>{name}</summary>
      <CopyButton text={text} what={`${name.toLowerCase()} body`} />
      <pre className={classes.raw}>
        <InertText lines>{readable}</InertText>
      </pre>
    </details>
  );
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
