import { Button } from '@mantine/core';
import { Ago } from '@/app/_ui/ago';
import { InertText } from '@/app/_ui/inert-text';
import { ScrollRegion } from '@/app/_ui/scroll-region';
import { visibleText } from '@/app/_ui/visible-text';
import type { Operator } from '@/lib/contract/operators';

interface OperatorTableProps {
  operators: readonly Operator[];
  zone: string;
  onDelete: (operator: Operator) => void;
}

export function OperatorTable({ operators, zone, onDelete }: OperatorTableProps) {
  return (
    <ScrollRegion name="Operators, table">
      <table className="rows">
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Role</th>
            <th scope="col">Created</th>
            <th scope="col">
              <span className="visually-hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {operators.map((operator) => (
            <tr key={operator.id}>
              <th scope="row">
                <InertText>{operator.name}</InertText>
              </th>
              <td>{operator.role}</td>
              <td>
                <Ago at={operator.createdAt} zone={zone} />
              </td>
              <td data-numeric>
                {operator.builtIn ? (
                  <span className="soft" title="Set by the environment or the data folder">
                    built in
                  </span>
                ) : (
                  <Button
                    size="compact-xs"
                    variant="default"
                    onClick={() => onDelete(operator)}
                    aria-label={`Delete ${visibleText(operator.name)}`}
                  >
                    Delete
                  </Button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}
