'use client';

import { Modal, NativeSelect, Switch, TagsInput, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { createKey, keysQuery } from '@/app/_data/keys';
import { runningQuery } from '@/app/_data/running';
import classes from '@/app/_ui/dialog.module.css';
import { DialogActions } from '@/app/_ui/dialog-actions';
import { formFaults } from '@/app/_ui/form-faults';
import { SecretOnce } from '@/app/_ui/secret-once';
import { toast } from '@/app/_ui/toast';
import { visibleText } from '@/app/_ui/visible-text';
import type { KeyRequest } from '@/lib/contract/keys';
import { parseTags } from '@/lib/core/tags';

interface Draft {
  name: string;
  tolerance: string;
  patience: string;
  upstream: string;
  monthlyBudgetUsd: string;
  tags: string[];
  batch: boolean;
  store: boolean;
}

const FIELDS = ['name', 'tolerance', 'patience', 'upstream', 'tags', 'monthlyBudgetUsd'];

export function CreateKeyDialog({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const { data: running } = useQuery(runningQuery);
  const upstreams = running?.upstreamKeys ?? [];
  const form = useForm<Draft>({
    mode: 'uncontrolled',
    initialValues: {
      name: '',
      tolerance: '',
      patience: '',
      upstream: 'default',
      monthlyBudgetUsd: '',
      tags: [],
      batch: true,
      store: true,
    },
    validate: {
      name: (name) => (name.trim() ? null : 'A name tells keys apart in every list and chart.'),
      tags: (tags) => {
        const parsed = tags.length > 0 ? parseTags(tags.join(',')) : {};
        return typeof parsed === 'string' ? parsed : null;
      },
    },
  });
  const create = useMutation({
    mutationFn: (draft: Draft) => createKey(requestOf(draft)),
    onSuccess: (key) => {
      toast(`Key “${visibleText(key.name)}” created`);
      void client.invalidateQueries({ queryKey: keysQuery.queryKey });
    },
    onError: (error) => form.setErrors(formFaults(error, FIELDS).fields),
  });

  return (
    <Modal
      opened
      onClose={onClose}
      title={create.data ? 'Key created' : 'Create a key'}
      size="lg"
      closeOnClickOutside={false}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {create.data ? (
        <SecretOnce label={`Key “${visibleText(create.data.name)}”`} secret={create.data.secret} onDone={onClose} />
      ) : (
        <form className={classes.form} onSubmit={form.onSubmit((draft) => create.mutate(draft))}>
          <TextInput
            label="Name"
            maxLength={80}
            data-autofocus
            autoComplete="off"
            key={form.key('name')}
            {...form.getInputProps('name')}
          />
          <TextInput
            label="Tolerance"
            description="How long its calls may take when they do not say: interactive, or 30s, 10m, 2h. Empty: unset."
            placeholder="unset"
            autoComplete="off"
            key={form.key('tolerance')}
            {...form.getInputProps('tolerance')}
          />
          <TagsInput
            label="Tags"
            description="name=value, at most 10. They win over the tags of a call."
            placeholder="team=search, then Enter"
            maxTags={10}
            acceptValueOnBlur
            key={form.key('tags')}
            {...form.getInputProps('tags')}
          />
          <TextInput
            label="Monthly budget"
            description="USD. Once it is spent, calls are refused until the next month. Empty: none."
            placeholder="none"
            inputMode="decimal"
            leftSection="$"
            autoComplete="off"
            key={form.key('monthlyBudgetUsd')}
            {...form.getInputProps('monthlyBudgetUsd')}
          />
          <TextInput
            label="Patience"
            description="How long its clients bear silence before they hang up, such as 55s. Empty: by the kind of client."
            placeholder="by client"
            autoComplete="off"
            key={form.key('patience')}
            {...form.getInputProps('patience')}
          />
          {upstreams.some((name) => name !== 'default') ? (
            <NativeSelect
              label="Upstream credential"
              description="Which of the configured credentials its calls are made with."
              data={[...new Set(['default', ...upstreams])]}
              key={form.key('upstream')}
              {...form.getInputProps('upstream')}
            />
          ) : null}
          <Switch
            label="Calls may be batched"
            description="Off for data that must not be kept upstream, such as under zero data retention."
            key={form.key('batch')}
            {...form.getInputProps('batch', { type: 'checkbox' })}
          />
          <Switch
            label="Bodies may be stored"
            description="Off: never, whatever the setting of this Offpeak."
            key={form.key('store')}
            {...form.getInputProps('store', { type: 'checkbox' })}
          />
          <DialogActions
            action="Create"
            isPending={create.isPending}
            fault={create.error && formFaults(create.error, FIELDS).rest}
            onCancel={onClose}
          />
        </form>
      )}
    </Modal>
  );
}

function requestOf({ name, tolerance, patience, upstream, monthlyBudgetUsd, tags, batch, store }: Draft): KeyRequest {
  const parsed = tags.length > 0 ? parseTags(tags.join(',')) : {};
  return {
    name: name.trim(),
    batch,
    store,
    ...(tolerance.trim() ? { tolerance: tolerance.trim() } : {}),
    ...(patience.trim() ? { patience: patience.trim() } : {}),
    ...(upstream === 'default' ? {} : { upstream }),
    ...(monthlyBudgetUsd.trim() ? { monthlyBudgetUsd: monthlyBudgetUsd.trim() } : {}),
    ...(typeof parsed === 'string' ? {} : { tags: { ...parsed } }),
  };
}
