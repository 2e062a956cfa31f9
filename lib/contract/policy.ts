import { z } from 'zod';
import { PolicyDocument } from '@/lib/core/policy/document';
import { Instant } from './query';

const Note = z.string().trim().max(1_000).nullable().default(null);

/** `GET /api/policy/versions/{version}`. Version 1 is the shipped one: published by nobody, at no time. */
export const PolicyVersion = z.object({
  version: z.number().int(),
  document: PolicyDocument,
  publishedAt: Instant.nullable(),
  author: z.string(),
  note: z.string().nullable(),
});
export type PolicyVersion = z.infer<typeof PolicyVersion>;

/** `GET /api/policy`: the version in force, and whether everything goes to sync for now. */
export const PolicyAnswer = PolicyVersion.extend({ paused: z.boolean() });
export type PolicyAnswer = z.infer<typeof PolicyAnswer>;

/** What was published: in force at once, whatever it is warned of. */
export const PublishedPolicy = PolicyAnswer.extend({
  /** Rules that no call can reach, neighbours that contend for calls; `path` as in a fault. */
  warnings: z.array(z.object({ path: z.string(), rule: z.string(), message: z.string() })),
});
export type PublishedPolicy = z.infer<typeof PublishedPolicy>;

export const PolicyVersions = z.object({ versions: z.array(PolicyVersion) });
export type PolicyVersions = z.infer<typeof PolicyVersions>;

/** `PUT /api/policy`. The document is checked by `parsePolicy`, which names every fault with its path. */
export const PolicyRequest = z.strictObject({
  document: z.unknown(),
  note: Note,
  /** The version that the draft was made from. */
  baseVersion: z.number().int().positive(),
});

export const PauseRequest = z.strictObject({ paused: z.boolean(), note: Note });

export const RestoreRequest = z.strictObject({ note: Note, baseVersion: z.number().int().positive().optional() });

/** What an operator has not published yet: a document of any shape, or the text of what is no JSON yet. */
export const PolicyDraftRequest = z.strictObject({
  document: z.unknown(),
  /** The version that it was made from. */
  baseVersion: z.number().int().positive(),
});
export type PolicyDraftRequest = z.infer<typeof PolicyDraftRequest>;

export const PolicyDraft = PolicyDraftRequest.extend({ updatedAt: Instant });
export type PolicyDraft = z.infer<typeof PolicyDraft>;

/** `GET /api/policy/draft`: the operator's own, in every browser. */
export const PolicyDraftAnswer = z.object({ draft: PolicyDraft.nullable() });
export type PolicyDraftAnswer = z.infer<typeof PolicyDraftAnswer>;
