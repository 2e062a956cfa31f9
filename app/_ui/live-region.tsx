const ID = 'announcements';

/** Where results are told to those who do not see them: acts and manual refreshes, never each tick. */
export function LiveRegion() {
  return <div id={ID} className="visually-hidden" role="status" aria-live="polite" />;
}

export function announce(text: string): void {
  const region = document.getElementById(ID);
  if (!region) return;
  // The same text twice is no change, and so would not be read again.
  region.textContent = '';
  requestAnimationFrame(() => {
    region.textContent = text;
  });
}
