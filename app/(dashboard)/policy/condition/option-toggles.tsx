import type { Option } from '@/app/(dashboard)/policy/field-menu';
import classes from './condition.module.css';

interface OptionTogglesProps {
  label: string;
  options: readonly Option[];
  values: readonly (string | number | boolean)[];
  disabled: boolean;
  onChange: (values: (string | number | boolean)[]) => void;
}

/** All there is, each on or off; the list keeps the order of the options. */
export function OptionToggles({ label, options, values, disabled, onChange }: OptionTogglesProps) {
  return (
    <fieldset className={classes.toggles} aria-label={label}>
      {options.map((option) => {
        const isOn = values.includes(option.value);
        return (
          <button
            key={String(option.value)}
            type="button"
            className={classes.toggle}
            aria-pressed={isOn}
            disabled={disabled}
            onClick={() =>
              onChange(
                options
                  .map(({ value }) => value)
                  .filter((value) => (value === option.value ? !isOn : values.includes(value))),
              )
            }
          >
            {option.short ?? option.label}
          </button>
        );
      })}
    </fieldset>
  );
}
