'use client';

import { createContext, useContext } from 'react';
import { compileComparison } from '@/lib/core/policy/comparison';
import { type Condition, checkCondition, isComparison } from '@/lib/core/policy/condition';
import { fieldOf } from '@/lib/core/policy/fields';

type ModelFilter = (model: string) => boolean;

/** Which models a rule can be about: only their measurements stand beside its thresholds. */
export const ModelFilterContext = createContext<ModelFilter>(() => true);

export const useModelFilter = (): ModelFilter => useContext(ModelFilterContext);

/** Reads what a condition demands of the model for certain; anything less plain admits all. */
export function modelFilter(condition: Condition): ModelFilter {
  if ('all' in condition) {
    const parts = condition.all.map(modelFilter);
    return (model) => parts.every((part) => part(model));
  }
  if (!isComparison(condition) || condition.field !== 'model' || isFaulty(condition)) return () => true;
  const field = fieldOf('model');
  return typeof field === 'string' ? () => true : compileComparison(field, condition.op, condition.value);
}

function isFaulty(condition: Condition): boolean {
  let faults = 0;
  checkCondition(condition, () => faults++);
  return faults > 0;
}
