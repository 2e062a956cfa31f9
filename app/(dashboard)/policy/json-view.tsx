'use client';

import { Textarea } from '@mantine/core';
import { useDeferredValue, useMemo } from 'react';
import { CopyButton } from '@/app/_ui/copy-button';
import { InertText } from '@/app/_ui/inert-text';
import { Panel } from '@/app/_ui/panel';
import { faultsOf, textOf } from '@/lib/core/policy-draft/draft';
import { sentence, useEditor } from './editor-context';
import classes from './policy.module.css';
import type { DraftEditor } from './use-draft';

/** The same document as the cards show, as text; what is no document yet is kept as it was typed. */
export function JsonView({ editor }: { editor: DraftEditor }) {
  const { reason } = useEditor();
  const { draft } = editor;
  const text = textOf(draft);
  const settled = useDeferredValue(draft);
  const faults = useMemo(() => faultsOf(settled), [settled]);
  return (
    <Panel
      title="Document"
      note="as PUT /api/policy takes it; forms and text are two views of one draft"
      actions={<CopyButton text={text} what="document" />}
    >
      <Textarea
        aria-label="Policy document, JSON"
        classNames={{ input: classes.json ?? '' }}
        value={text}
        rows={26}
        spellCheck={false}
        autoComplete="off"
        readOnly={reason !== null}
        aria-invalid={faults.length > 0}
        aria-describedby="document-faults"
        onChange={(event) => editor.changeText(event.currentTarget.value)}
      />
      <div id="document-faults" role="status">
        {faults.length === 0 ? (
          <p className="soft small">No faults.</p>
        ) : (
          <ul className={classes.faults}>
            {faults.map(({ path, message }) => (
              <li key={path + message}>
                <code>
                  <InertText>{path || 'document'}</InertText>
                </code>{' '}
                <InertText>{sentence(message)}</InertText>
              </li>
            ))}
          </ul>
        )}
      </div>
    </Panel>
  );
}
