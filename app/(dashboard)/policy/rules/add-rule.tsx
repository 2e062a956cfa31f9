'use client';

import { Button, Menu } from '@mantine/core';
import { TEMPLATES, type Template } from '@/lib/core/policy-draft/templates';

/** @param onAdd is given `null` for a rule without a template. */
export function AddRule({ onAdd }: { onAdd: (template: Template | null) => void }) {
  return (
    <Menu position="bottom-start" width={360} returnFocus={false} transitionProps={{ duration: 0 }}>
      <Menu.Target>
        <Button size="compact-sm" variant="default">
          Add a rule
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => onAdd(null)}>
          Empty rule
          <br />
          <span className="soft small">For every call, auto; the rest is up to you.</span>
        </Menu.Item>
        {TEMPLATES.map((template) => (
          <Menu.Item key={template.id} onClick={() => onAdd(template)}>
            {template.name}
            <br />
            <span className="soft small">{template.about}</span>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
