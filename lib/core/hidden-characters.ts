/**
 * Characters that hide, reorder or break the text around them: controls (C0, C1, DEL), bidi marks, embeddings and
 * isolates, zero-width and other format characters, line and paragraph separators, tag characters, lone surrogates.
 * Source: Unicode UAX #9, UTR #36.
 */
export const HIDDEN_CHARACTER = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029\u115F\u1160\u3164\uFFA0]/u;
