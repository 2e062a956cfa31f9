import { createTheme, type MantineColorsTuple } from '@mantine/core';

/** The accent is the sync lane's indigo; shade 7 carries white text at 4.5:1 in both themes. */
const indigo: MantineColorsTuple = [
  '#ecedfb',
  '#d5d7f5',
  '#b5b9f0',
  '#9298ff',
  '#7077e8',
  '#565dd9',
  '#4a51d1',
  '#3f46c9',
  '#343ab0',
  '#2a2f92',
];

/** Light lines; the border of an input (4) stands out at 3:1. */
const gray: MantineColorsTuple = [
  '#f7f8fa',
  '#f1f3f6',
  '#e7eaef',
  '#dfe3e9',
  '#8b95a3',
  '#7d8794',
  '#6b7480',
  '#515b69',
  '#343c47',
  '#14181f',
];

/** Dark surfaces and lines, in step with the tokens. */
const dark: MantineColorsTuple = [
  '#e8ebf0',
  '#c4cbd5',
  '#a3adbb',
  '#8e98a6',
  '#6e7989',
  '#2b313b',
  '#1c2028',
  '#15181e',
  '#0e1014',
  '#090b0e',
];

export const theme = createTheme({
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif',
  fontFamilyMonospace: 'var(--mono)',
  fontSizes: { xs: '12px', sm: '14px', md: '14px', lg: '17px', xl: '24px' },
  colors: { indigo, gray, dark },
  primaryColor: 'indigo',
  primaryShade: { light: 7, dark: 5 },
  defaultRadius: 'sm',
  cursorType: 'pointer',
  respectReducedMotion: true,
});
