import { expect, test } from 'vitest';
import { ageBar } from './age-bar';

const USUAL = { p50: 100, p90: 200 };

test('a deadline near what is usual ends the bar; one far away would leave nothing of it', () => {
  expect(ageBar(50, USUAL, 400)).toEqual({ age: 1 / 8, usual: [1 / 4, 1 / 2], deadline: 1, isLate: false });
  expect(ageBar(60, USUAL, 60_000)).toEqual({ age: 0.1, usual: [1 / 6, 1 / 3], deadline: null, isLate: false });
});

test('what is usual is always in sight, and so is an age beyond everything', () => {
  expect(ageBar(50, USUAL, 100)).toEqual({ age: 0.2, usual: [0.4, 0.8], deadline: 0.4, isLate: false });
  expect(ageBar(1_000, USUAL, 400)).toEqual({ age: 1, usual: [0.1, 0.2], deadline: 0.4, isLate: true });
  expect(ageBar(201, USUAL, null).isLate).toBe(true);
});

test('of a model that was not measured yet the age is seen on the way to the deadline', () => {
  expect(ageBar(100, { p50: null, p90: null }, 400)).toEqual({ age: 0.25, usual: [], deadline: 1, isLate: false });
  expect(ageBar(0, { p50: null, p90: null }, null)).toEqual({ age: 0, usual: [], deadline: null, isLate: false });
  expect(ageBar(90, { p50: 100, p90: null }, null).usual).toEqual([0.8]);
});
