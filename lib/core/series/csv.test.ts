import { describe, expect, it } from 'vitest';
import { csvCell, csvOf } from './csv';

describe('csvCell', () => {
  it.each([
    ['plain', 'plain'],
    ['a,b', '"a,b"'],
    ['say "x"', '"say ""x"""'],
    ['two\nlines', '"two\nlines"'],
    ['=HYPERLINK("http://x")', '"\'=HYPERLINK(""http://x"")"'],
    ['+1+2', "'+1+2"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', "'\t=1"],
    ['-0.25', '-0.25'],
    ['-1+cmd', "'-1+cmd"],
  ])('%j becomes %j', (text, cell) => {
    expect(csvCell(text)).toBe(cell);
  });
});

it('writes a header and lines that end as RFC 4180 says', () => {
  expect(csvOf({ head: ['a', 'b'], rows: [['1', '2']] })).toBe('a,b\r\n1,2\r\n');
});
