'use client';

import { Modal, Switch, TagsInput, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { pricesQuery } from '@/app/_data/prices';
import { probesQuery, setProbes } from '@/app/_data/probes';
import classes from '@/app/_ui/dialog.module.css';
import { DialogActions } from '@/app/_ui/dialog-actions';
import { formFaults } from '@/app/_ui/form-faults';
import { toast } from '@/app/_ui/toast';
import type { ProbesAnswer, ProbesRequest } from '@/lib/contract/probes';

const FIELDS = ['enabled', 'interval', 'models', 'dailyCapUsd'];

export function ProbesDialog({ of, onClose }: { of: ProbesAnswer; onClose: () => void }) {
  const client = useQueryClient();
  const { data: known } = useQuery(pricesQuery);
  const { enabled, interval, models, dailyCapUsd } = of;
  const form = useForm<ProbesRequest>({
    mode: 'uncontrolled',
    initialValues: { enabled, interval, models, dailyCapUsd },
    validate: {
      models: (value, draft) => (draft.enabled && value.length === 0 ? 'Name at least one model.' : null),
      dailyCapUsd: (cap, draft) =>
        draft.enabled && Number(cap) === 0 ? 'With nothing to spend, nothing is probed.' : null,
    },
  });
  const save = useMutation({
    mutationFn: setProbes,
    onSuccess: (answer) => {
      client.setQueryData(probesQuery.queryKey, answer);
      toast(answer.enabled ? 'Probes are on' : 'Probes are off');
      onClose();
    },
    onError: (error) => form.setErrors(formFaults(error, FIELDS).fields),
  });
  const priced = [...new Set(known?.prices.map(({ model }) => model) ?? [])];
  return (
    <Modal
      opened
      onClose={onClose}
      title="Probes"
      size="lg"
      closeOnClickOutside={false}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <form className={classes.form} onSubmit={form.onSubmit((draft) => save.mutate(draft))}>
        <Switch
          label="Probe models without traffic"
          description="Each probe is paid for: one request of 16 tokens in a batch of its own, and the same by sync."
          key={form.key('enabled')}
          {...form.getInputProps('enabled', { type: 'checkbox' })}
        />
        <TagsInput
          label="Models"
          description="By the id that calls name. One without a price is never probed."
          placeholder="claude-haiku-5-5, then Enter"
          data={priced}
          maxTags={50}
          acceptValueOnBlur
          clearable={false}
          key={form.key('models')}
          {...form.getInputProps('models')}
        />
        <div className={classes.pair}>
          <TextInput
            label="Interval"
            description="Without a batch, from 1m to 24h."
            autoComplete="off"
            key={form.key('interval')}
            {...form.getInputProps('interval')}
          />
          <TextInput
            label="Daily cap"
            description="USD for all probes of a UTC day."
            inputMode="decimal"
            leftSection="$"
            autoComplete="off"
            key={form.key('dailyCapUsd')}
            {...form.getInputProps('dailyCapUsd')}
          />
        </div>
        <DialogActions
          action="Save"
          isPending={save.isPending}
          fault={save.error && formFaults(save.error, FIELDS).rest}
          onCancel={onClose}
        />
      </form>
    </Modal>
  );
}
