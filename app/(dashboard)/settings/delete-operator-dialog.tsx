'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { deleteOperator, operatorsQuery } from '@/app/_data/operators';
import { ConfirmDialog } from '@/app/_ui/confirm-dialog';
import { toast } from '@/app/_ui/toast';
import { visibleText } from '@/app/_ui/visible-text';
import type { Operator } from '@/lib/contract/operators';

export function DeleteOperatorDialog({ of, onClose }: { of: Operator; onClose: () => void }) {
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: () => deleteOperator(of.id),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: operatorsQuery.queryKey });
      toast(`Operator “${visibleText(of.name)}” deleted`);
      onClose();
    },
  });
  return (
    <ConfirmDialog
      title="Delete this operator?"
      consequence="The token stops working and every session of it ends at once."
      name={of.name}
      action="Delete"
      isPending={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
    />
  );
}
