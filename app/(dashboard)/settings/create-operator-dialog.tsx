'use client';

import { Modal, Radio, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { createOperator, operatorsQuery } from '@/app/_data/operators';
import classes from '@/app/_ui/dialog.module.css';
import { DialogActions } from '@/app/_ui/dialog-actions';
import { formFaults } from '@/app/_ui/form-faults';
import { SecretOnce } from '@/app/_ui/secret-once';
import { toast } from '@/app/_ui/toast';
import { visibleText } from '@/app/_ui/visible-text';
import type { OperatorRequest } from '@/lib/contract/operators';
import { ROLES, type Role } from '@/lib/core/request-states';

const MAY: Readonly<Record<Role, string>> = {
  viewer: 'Sees everything, changes nothing.',
  operator: 'Changes keys and prices too.',
  admin: 'Changes operators too.',
};

const FIELDS = ['name', 'role'];

export function CreateOperatorDialog({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const form = useForm<OperatorRequest>({
    mode: 'uncontrolled',
    initialValues: { name: '', role: 'viewer' },
    validate: { name: (name) => (name.trim() ? null : 'Who it is: every change is logged under this name.') },
  });
  const create = useMutation({
    mutationFn: createOperator,
    onSuccess: (operator) => {
      toast(`Operator “${visibleText(operator.name)}” added`);
      void client.invalidateQueries({ queryKey: operatorsQuery.queryKey });
    },
    onError: (error) => form.setErrors(formFaults(error, FIELDS).fields),
  });

  return (
    <Modal
      opened
      onClose={onClose}
      title={create.data ? 'Operator added' : 'Add an operator'}
      closeOnClickOutside={false}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {create.data ? (
        <SecretOnce label={`Token of “${visibleText(create.data.name)}”`} secret={create.data.token} onDone={onClose} />
      ) : (
        <form className={classes.form} onSubmit={form.onSubmit((draft) => create.mutate(draft))}>
          <TextInput
            label="Name"
            maxLength={80}
            autoComplete="off"
            data-autofocus
            key={form.key('name')}
            {...form.getInputProps('name')}
          />
          <Radio.Group label="Role" key={form.key('role')} {...form.getInputProps('role')}>
            <div className={classes.choices}>
              {ROLES.map((role) => (
                <Radio key={role} value={role} label={role} description={MAY[role]} />
              ))}
            </div>
          </Radio.Group>
          <DialogActions
            action="Add"
            isPending={create.isPending}
            fault={create.error && formFaults(create.error, FIELDS).rest}
            onCancel={onClose}
          />
        </form>
      )}
    </Modal>
  );
}
