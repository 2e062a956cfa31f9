'use client';

import { Autocomplete, Modal, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { addPrice } from '@/app/_data/prices';
import classes from '@/app/_ui/dialog.module.css';
import { DialogActions } from '@/app/_ui/dialog-actions';
import { formFaults } from '@/app/_ui/form-faults';
import { toast } from '@/app/_ui/toast';
import { visibleText } from '@/app/_ui/visible-text';
import type { Price } from '@/lib/contract/prices';
import { zoneLabel } from '@/lib/core/series/time-labels';
import { fromWallClock, toWallClock } from '@/lib/core/series/zoned-time';
import { type Draft, draftOf, FIELDS, RATE_FIELDS, rateFault, requestOf } from './price-draft';

interface AddPriceDialogProps {
  /** Known already, when a model without a price was picked. */
  model: string;
  zone: string;
  prices: readonly Price[];
  onClose: () => void;
}

export function AddPriceDialog({ model, zone, prices, onClose }: AddPriceDialogProps) {
  const client = useQueryClient();
  const form = useForm<Draft>({
    initialValues: draftOf(model, prices, toWallClock(Date.now(), zone)),
    validate: {
      model: (name) => (name.trim() ? null : 'The model’s name, as its calls spell it.'),
      effectiveFrom: (local) => (fromWallClock(local, zone) === null ? 'A date and a time.' : null),
      source: (source) => (source.trim() ? null : 'Where the price is from: it is what makes it checkable later.'),
      ...Object.fromEntries(RATE_FIELDS.map(({ field }) => [field, rateFault])),
    },
  });
  const add = useMutation({
    mutationFn: (draft: Draft) => addPrice(requestOf(draft, zone, prices)),
    onSuccess: async (_, draft) => {
      await client.invalidateQueries();
      toast(`Price of ${visibleText(draft.model.trim())} added`);
      onClose();
    },
    onError: (error) => form.setErrors(formFaults(error, FIELDS).fields),
  });
  // Characters that an input would hide or reorder are spelled out below its label.
  const shownName = visibleText(form.values.model);
  const models = [...new Set(prices.map((price) => price.model))];

  return (
    <Modal
      opened
      onClose={onClose}
      title="Add a price"
      size="lg"
      closeOnClickOutside={false}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <form className={classes.form} onSubmit={form.onSubmit((draft) => add.mutate(draft))}>
        <div className={classes.pair}>
          <Autocomplete
            label="Model"
            description={shownName === form.values.model ? 'As its calls spell it' : `Reads: ${shownName}`}
            data={models}
            maxLength={120}
            data-autofocus
            openOnFocus={false}
            {...form.getInputProps('model')}
            onOptionSubmit={(name) => form.setValues(draftOf(name, prices, form.values.effectiveFrom))}
          />
          <TextInput
            type="datetime-local"
            label="In force from"
            description={zoneLabel(zone, Date.now())}
            {...form.getInputProps('effectiveFrom')}
          />
        </div>
        <fieldset className={classes.fieldset}>
          <legend>USD per million tokens</legend>
          <div className={classes.pair}>
            {RATE_FIELDS.map(({ field, name }) => (
              <TextInput
                key={field}
                label={name}
                inputMode="decimal"
                autoComplete="off"
                leftSection="$"
                {...form.getInputProps(field)}
              />
            ))}
          </div>
        </fieldset>
        <TextInput
          label="Source"
          placeholder="Where it is published, and when you read it"
          maxLength={300}
          {...form.getInputProps('source')}
        />
        <p className="small soft">
          Long-context rates, aliases, batch discount and region factor are taken over from the model’s row in force, or
          are the usual ones where it has none. Only calls that arrive from then on are priced by it.
        </p>
        <DialogActions
          action="Add"
          isPending={add.isPending}
          fault={add.error && formFaults(add.error, FIELDS).rest}
          onCancel={onClose}
        />
      </form>
    </Modal>
  );
}
