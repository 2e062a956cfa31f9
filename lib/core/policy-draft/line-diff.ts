export interface DiffLine {
  kind: 'same' | 'added' | 'removed';
  text: string;
}

/** Above it the middle is shown as replaced as a whole: the table of the comparison would take seconds and megabytes. */
const MOST_CELLS = 4_000_000;

/** Lines of two texts, side by side in one list: a longest common subsequence stays. */
export function diffLines(before: string, after: string): DiffLine[] {
  const a = before.split('\n');
  const b = after.split('\n');
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++;
  const same = (text: string): DiffLine => ({ kind: 'same', text });
  return [
    ...a.slice(0, head).map(same),
    ...middle(a.slice(head, a.length - tail), b.slice(head, b.length - tail)),
    ...a.slice(a.length - tail).map(same),
  ];
}

function middle(a: readonly string[], b: readonly string[]): DiffLine[] {
  const width = b.length + 1;
  const lines: DiffLine[] = [];
  const removed = (text: string) => lines.push({ kind: 'removed', text });
  const added = (text: string) => lines.push({ kind: 'added', text });
  if (a.length * width > MOST_CELLS) {
    a.forEach(removed);
    b.forEach(added);
    return lines;
  }
  // Length of the longest common subsequence of what begins at each pair of lines.
  const lengths = new Uint16Array((a.length + 1) * width);
  const at = (i: number, j: number) => lengths[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      lengths[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const [left, right] = [a[i], b[j]];
    if (left !== undefined && left === right) {
      lines.push({ kind: 'same', text: left });
      i++;
      j++;
    } else if (left !== undefined && (right === undefined || at(i + 1, j) >= at(i, j + 1))) {
      removed(left);
      i++;
    } else if (right !== undefined) {
      added(right);
      j++;
    }
  }
  return lines;
}
