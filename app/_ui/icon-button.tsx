import type { ButtonHTMLAttributes } from 'react';
import { Icon, type IconName } from './icon';
import classes from './icon-button.module.css';

interface IconButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  icon: IconName;
  label: string;
}

export function IconButton({ icon, label, ...rest }: IconButtonProps) {
  return (
    <button type="button" className={classes.button} aria-label={label} title={label} {...rest}>
      <Icon name={icon} />
    </button>
  );
}
