import { announce } from './live-region';
import { mountToasts } from './toast-host';

/** Tells that an act took effect. The library behind it is loaded with the first toast. */
export function toast(message: string): void {
  announce(message);
  mountToasts();
  void import('@mantine/notifications').then(({ notifications }) =>
    notifications.show({
      message,
      autoClose: 5_000,
      withBorder: true,
      role: 'presentation',
      closeButtonProps: { 'aria-label': 'Dismiss' },
    }),
  );
}
