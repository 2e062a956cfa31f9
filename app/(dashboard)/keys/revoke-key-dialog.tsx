'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { keysQuery, revokeKey } from '@/app/_data/keys';
import { ConfirmDialog } from '@/app/_ui/confirm-dialog';
import { toast } from '@/app/_ui/toast';
import { visibleText } from '@/app/_ui/visible-text';
import type { Key } from '@/lib/contract/keys';

export function RevokeKeyDialog({ of, onClose }: { of: Key; onClose: () => void }) {
  const client = useQueryClient();
  const revoke = useMutation({
    mutationFn: () => revokeKey(of.id),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: keysQuery.queryKey });
      toast(`Key “${visibleText(of.name)}” revoked; Undo stands beside it for five minutes`);
      onClose();
    },
  });
  return (
    <ConfirmDialog
      title="Revoke this key?"
      consequence="Its callers are refused within seconds, on every replica. For five minutes that can be undone. What it spent stays in the log."
      name={of.name}
      action="Revoke"
      isPending={revoke.isPending}
      error={revoke.error}
      onConfirm={() => revoke.mutate()}
      onClose={onClose}
    />
  );
}
