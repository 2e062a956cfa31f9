'use client';

import { Button } from '@mantine/core';
import { type RefObject, useRef, useState } from 'react';
import { PopPanel } from '@/app/_ui/pop-panel';
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
  return (
    <PopPanel name="Add a rule" opener={opener} onClose={onClose} className={classes.menu}>
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
    </PopPanel>
  );
}
