'use client';

import { Button, NativeSelect, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { explainCall } from '@/app/_data/policy';
import { latestRequestsQuery } from '@/app/_data/requests';
import { Panel } from '@/app/_ui/panel';
import { visibleText } from '@/app/_ui/visible-text';
import { useEditor } from '@/app/(dashboard)/policy/editor-context';
import type { DraftEditor } from '@/app/(dashboard)/policy/use-draft';
import type { PolicyAnswer } from '@/lib/contract/policy';
import { ExplainView } from './explain-view';
import classes from './try.module.css';
import { askedOf, emptyForm, type TryForm } from './try-form';

interface TryCallProps {
  policy: PolicyAnswer;
  editor: DraftEditor;
  /** Of the page's address: explained at once. */
  requestId: string | null;
}

/** One call against the policy in force or the draft: what would become of it, and why. */
export function TryCall({ policy, editor, requestId }: TryCallProps) {
  const { models, keys, faults } = useEditor();
  const { draft, isChanged } = editor;
  const [form, setForm] = useState(() => emptyForm(models[0] ?? 'claude-sonnet-5-5', requestId));
  const [problem, setProblem] = useState<string | null>(null);
  const latest = useQuery({ ...latestRequestsQuery(), enabled: form.source === 'logged' });
  const explain = useMutation({
    mutationFn: async (asked: { request: unknown; document: PolicyAnswer['document'] }) => ({
      answer: await explainCall(asked.request),
      document: asked.document,
    }),
  });
  const canDraft = isChanged && faults.size === 0 && !draft.isBroken;
  const against = form.against === 'draft' && canDraft ? 'draft' : 'live';
  const put = (change: Partial<TryForm>) => setForm({ ...form, ...change });
  const run = (asked: TryForm) => {
    const request = askedOf({ ...asked, against }, draft.document);
    setProblem(typeof request === 'string' ? request : null);
    if (typeof request === 'string') return;
    explain.mutate({ request, document: against === 'draft' ? draft.document : policy.document });
  };
  const atOnce = useRef(requestId !== null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, for what the address asks
  useEffect(() => {
    if (atOnce.current) run(form);
    atOnce.current = false;
  }, []);

  const fault = problem ?? explain.error?.message ?? null;
  return (
    <div className={classes.columns}>
      <Panel title="The call">
        <form
          className={classes.form}
          onSubmit={(event) => {
            event.preventDefault();
            run(form);
          }}
        >
          <div className={classes.pair}>
            <NativeSelect
              size="xs"
              label="What"
              data={[
                { value: 'call', label: 'A call that I paste' },
                { value: 'logged', label: 'A call of the log' },
              ]}
              value={form.source}
              onChange={({ currentTarget }) => put({ source: currentTarget.value as TryForm['source'] })}
            />
            <NativeSelect
              size="xs"
              label="Against"
              data={[
                { value: 'live', label: `Version ${policy.version}, in force` },
                {
                  value: 'draft',
                  label: canDraft ? 'My draft' : 'My draft (there is none, or it has faults)',
                  disabled: !canDraft,
                },
              ]}
              value={against}
              onChange={({ currentTarget }) => put({ against: currentTarget.value as TryForm['against'] })}
            />
          </div>
          {form.source === 'logged' ? (
            <>
              <TextInput
                size="xs"
                label="Request id"
                placeholder="opr_…"
                value={form.requestId}
                autoComplete="off"
                spellCheck={false}
                onChange={(event) => put({ requestId: event.currentTarget.value })}
              />
              <NativeSelect
                size="xs"
                label="Or one of the latest"
                data={[
                  { value: '', label: 'pick…' },
                  ...(latest.data?.rows ?? []).map(({ id, model, lane, rule }) => ({
                    value: id,
                    label: visibleText(`${model ?? 'no model'}: ${lane} by ${rule}, …${id.slice(-6)}`),
                  })),
                ]}
                value={latest.data?.rows.some(({ id }) => id === form.requestId) ? form.requestId : ''}
                onChange={({ currentTarget }) => {
                  put({ requestId: currentTarget.value });
                  if (currentTarget.value) run({ ...form, requestId: currentTarget.value });
                }}
              />
              <p className="soft small">It is decided anew with what was known when it arrived.</p>
            </>
          ) : (
            <>
              <Textarea
                size="xs"
                label="Body, JSON"
                rows={9}
                classNames={{ input: classes.code ?? '' }}
                value={form.body}
                spellCheck={false}
                onChange={(event) => put({ body: event.currentTarget.value })}
              />
              <div className={classes.pair}>
                <TextInput
                  size="xs"
                  label="Tolerance"
                  placeholder="unset"
                  value={form.tolerance}
                  autoComplete="off"
                  onChange={(event) => put({ tolerance: event.currentTarget.value })}
                />
                <TextInput
                  size="xs"
                  label="Tags"
                  placeholder="team=search,job=evals"
                  value={form.tags}
                  autoComplete="off"
                  onChange={(event) => put({ tags: event.currentTarget.value })}
                />
              </div>
              <NativeSelect
                size="xs"
                label="Key"
                data={[{ value: '', label: 'none' }, ...keys.map((key) => ({ value: key, label: visibleText(key) }))]}
                value={form.key}
                onChange={({ currentTarget }) => put({ key: currentTarget.value })}
              />
              <Textarea
                size="xs"
                label="Other headers"
                placeholder="x-claude-code-agent-id: a1"
                rows={2}
                classNames={{ input: classes.code ?? '' }}
                value={form.headers}
                spellCheck={false}
                onChange={(event) => put({ headers: event.currentTarget.value })}
              />
            </>
          )}
          {fault ? (
            <p className={classes.error} role="alert">
              {fault}
            </p>
          ) : null}
          <Button type="submit" size="compact-sm" loading={explain.isPending} className={classes.run ?? ''}>
            Explain
          </Button>
        </form>
      </Panel>
      <Panel title="The decision" note={explain.data ? undefined : 'which lane, and why: nothing is sent anywhere'}>
        {explain.data ? (
          <ExplainView answer={explain.data.answer} document={explain.data.document} />
        ) : (
          <p className="soft">Each rule’s conditions, true or false, in the order in which they are asked.</p>
        )}
      </Panel>
    </div>
  );
}
