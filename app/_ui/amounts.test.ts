import { describe, expect, it } from 'vitest';
import { agoText, bytesText, countdownText, durationText, moneyText, shareText } from './amounts';

describe('moneyText', () => {
  it.each([
    ['0', '$0.00'],
    ['1234.567', '$1,234.57'],
    ['81250.4', '$81,250'],
    ['0.995', '$1.00'],
    ['0.99', '$0.990'],
    ['0.0451', '$0.0451'],
    ['0.000012', '$0.000012'],
    ['0.00000001', '<$0.000001'],
    ['-3.5', '−$3.50'],
  ])('%s reads %s', (usd, text) => {
    expect(moneyText(usd)).toBe(text);
  });
});

describe('durationText', () => {
  it.each([
    [0, '0 ms'],
    [850.4, '850 ms'],
    [2_400, '2.40 s'],
    [18_900, '18.9 s'],
    [59_960, '1 min 0 s'],
    [192_000, '3 min 12 s'],
    [7_500_000, '2 h 5 min'],
    [90_000_000, '1 d 1 h'],
  ])('%d ms reads %s', (ms, text) => {
    expect(durationText(ms)).toBe(text);
  });
});

it('gives shares the decimals that say something', () => {
  expect([0, 0.013, 0.3, -0.044, 1.5].map(shareText)).toEqual(['0 %', '1.3 %', '30 %', '−4.4 %', '150 %']);
});

it('counts down in seconds, minutes, hours, days', () => {
  expect([0, 42_999, 245_000, 7_500_000, 93_600_000].map(countdownText)).toEqual([
    '0 s',
    '42 s',
    '4 min 05 s',
    '2 h 05 min',
    '1 d 02 h',
  ]);
});

it('tells past from future', () => {
  expect(agoText(1_000, 4_000)).toBe('3 s ago');
  expect(agoText(400_000, 0)).toBe('in 6 min');
});

it('scales bytes', () => {
  expect([512, 20_480, 268_435_456].map(bytesText)).toEqual(['512 B', '20.0 KiB', '256.0 MiB']);
});
