import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';

const LABELS = ['sessions', 'keys', 'encryption'] as const;
type Label = (typeof LABELS)[number];
const NONCE_BYTES = 12;

/** What a stored secret is compared by: 64 hex digits. */
export type Hmac = string;

/**
 * Keys derived from the root secret, one per use (HKDF with a label each), so that what one leaks helps no other.
 * Tokens and API keys are 32 random bytes: a plain HMAC is enough, and it is fast enough for every call.
 */
export class Secrets {
  readonly #keys: Record<Label, Buffer>;
  #nonces = Buffer.alloc(0);
  #used = 0;

  constructor(root: string) {
    const derive = (label: Label) => Buffer.from(hkdfSync('sha256', root, 'offpeak', label, 32));
    this.#keys = { sessions: derive('sessions'), keys: derive('keys'), encryption: derive('encryption') };
  }

  /** For operators' tokens, session cookies and login codes. */
  hmacSession(secret: string): Hmac {
    return createHmac('sha256', this.#keys.sessions).update(secret).digest('hex');
  }

  /** For API keys and passed-through credentials. */
  hmacKey(secret: string): Hmac {
    return createHmac('sha256', this.#keys.keys).update(secret).digest('hex');
  }

  /** AES-256-GCM: 12 bytes of nonce, 16 of tag, then the ciphertext. */
  seal(plain: Uint8Array): Buffer {
    const nonce = this.#nonce();
    const cipher = createCipheriv('aes-256-gcm', this.#keys.encryption, nonce);
    const body = Buffer.concat([cipher.update(plain), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), body]);
  }

  // Random bytes cost the same by the twelve and by the thousand. Each is used once.
  #nonce(): Buffer {
    if (this.#used + NONCE_BYTES > this.#nonces.length) {
      this.#nonces = randomBytes(NONCE_BYTES * 256);
      this.#used = 0;
    }
    this.#used += NONCE_BYTES;
    return this.#nonces.subarray(this.#used - NONCE_BYTES, this.#used);
  }

  /** @throws when it was sealed under another root secret or changed since. */
  open(sealed: Uint8Array): Buffer {
    const decipher = createDecipheriv('aes-256-gcm', this.#keys.encryption, sealed.subarray(0, 12));
    decipher.setAuthTag(sealed.subarray(12, 28));
    return Buffer.concat([decipher.update(sealed.subarray(28)), decipher.final()]);
  }
}

/** 32 random bytes behind a prefix that tells what it is: `opk_` API key, `opt_` operator token, `opc_` login code. */
export function newSecret(prefix: 'opk_' | 'opt_' | 'opc_' | 'ops_'): string {
  return prefix + randomBytes(32).toString('base64url');
}
