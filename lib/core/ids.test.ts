import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseRequestId, requestId, uuidFloor, uuidTime, uuidV7 } from './ids';

const random = fc.uint8Array({ minLength: 10, maxLength: 10 });
const moment = fc.integer({ min: 0, max: 2 ** 48 - 1 });

test('an id carries its time, version and variant', () => {
  fc.assert(
    fc.property(moment, random, (at, bytes) => {
      const id = uuidV7(at, bytes);
      expect(uuidTime(id)).toBe(at);
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      expect(parseRequestId(requestId(id))).toBe(id);
    }),
  );
});

test('a time range is an id range', () => {
  fc.assert(
    fc.property(moment, moment, random, (from, at, bytes) => {
      expect(uuidV7(at, bytes) >= uuidFloor(from)).toBe(at >= from);
    }),
  );
});

test.each(['', 'opr_', 'opr_zz', 'req_0193', "opr_'; drop table requests"])('%j is no id', (text) => {
  expect(parseRequestId(text)).toBeNull();
});
