'use client';

import { Button } from '@mantine/core';
import { useClickOutside, useFocusTrap, useMergedRef } from '@mantine/hooks';
import { type RefObject, useRef, useState } from 'react';
import { TEMPLATES, type Template } from '@/lib/core/policy-draft/templates';
import classes from './rules.module.css';

interface AddRuleProps {
  /** Is given `null` for a rule without a template. */
  onAdd: (template: Template | null) => void;
}

/** A button over the list of what a rule may begin as. */
export function AddRule({ onAdd }: AddRuleProps) {
  const [isOpen, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const close = () => {
    setOpen(false);
    button.current?.focus();
  };
  return (
    <div className={classes.menuAnchor}>
      <Button
        ref={button}
        size="compact-sm"
        variant="default"
        aria-haspopup="dialog"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        Add a rule
      </Button>
      {isOpen ? (
        <TemplateList
          opener={button}
          onClose={close}
          onAdd={(template) => {
            setOpen(false);
            onAdd(template);
          }}
        />
      ) : null}
    </div>
  );
}

interface TemplateListProps extends AddRuleProps {
  opener: RefObject<HTMLElement | null>;
  onClose: () => void;
}

function TemplateList({ opener, onClose, onAdd }: TemplateListProps) {
  const outside = useClickOutside<HTMLDivElement>((event) => {
    if (!opener.current?.contains(event.target as Node)) onClose();
  });
  const ref = useMergedRef(outside, useFocusTrap());
  return (
    <div
      ref={ref}
      role="dialog"
      aria-label="Add a rule"
      className={classes.menu}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onClose();
      }}
    >
      <button type="button" onClick={() => onAdd(null)}>
        <strong>Empty rule</strong>
        <span>For every call, auto; the rest is up to you.</span>
      </button>
      {TEMPLATES.map((template) => (
        <button key={template.id} type="button" onClick={() => onAdd(template)}>
          <strong>{template.name}</strong>
          <span>{template.about}</span>
        </button>
      ))}
    </div>
  );
}
