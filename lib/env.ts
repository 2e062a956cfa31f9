import { resolve } from 'node:path';
import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { plainFault } from '@/lib/core/plain-fault';
import { StartError } from '@/lib/server/start-error';
import { POOLER_CHOICES } from '@/lib/store/database-address';

const OFFICIAL = 'https://api.anthropic.com';
const port = z.coerce.number().int().min(0).max(65_535);
const days = z
  .string()
  .regex(/^[1-9]\d{0,3}d$/, 'must be a number of days such as 90d')
  .transform((text) => Number(text.slice(0, -1)) * 86_400_000);
const onOff = z.enum(['on', 'off']).transform((text) => text === 'on');
const origin = z
  .string()
  .refine((text) => isOrigin(text), 'must be an http(s) origin such as https://offpeak.example.com')
  .transform((text) => new URL(text).origin);
const baseUrl = z
  .string()
  .refine((text) => isHttpUrl(text), 'must be an http(s) URL without query, fragment or credentials')
  .transform((text) => text.replace(/\/+$/, ''));

const Env = z.object({
  PORT: port.default(3000),
  HOST: z.string().min(1).default('127.0.0.1'),
  DATABASE_URL: z
    .string()
    .refine((text) => /^postgres(ql)?:\/\//.test(text) && URL.canParse(text), 'must be a postgres:// URL')
    .refine(hasKnownPooler, `may say pooler=${POOLER_CHOICES.join(', ')} only`)
    .optional(),
  OFFPEAK_DATA_DIR: z.string().min(1).default('.offpeak'),
  ANTHROPIC_API_KEY: headerValue().optional(),
  OFFPEAK_UPSTREAM_KEYS: z
    .string()
    .regex(
      /^[a-z0-9-]{1,40}=[A-Za-z_][A-Za-z0-9_]*(,[a-z0-9-]{1,40}=[A-Za-z_][A-Za-z0-9_]*)*$/,
      'must look like name=ENV_NAME,…',
    )
    .optional(),
  OFFPEAK_UPSTREAM_URL: z
    .union(
      [z.literal('simulator'), baseUrl],
      'must be `simulator` or an http(s) URL without query, fragment or credentials',
    )
    .optional(),
  OFFPEAK_ADMIN_TOKEN: headerValue(16).optional(),
  OFFPEAK_API_KEY: z
    .string()
    .regex(/^opk_[A-Za-z0-9_-]{24,200}$/, 'must be opk_ followed by at least 24 of A-Za-z0-9_-')
    .optional(),
  OFFPEAK_PASSTHROUGH: onOff.default(false),
  OFFPEAK_ROLE: z.enum(['web', 'lane', 'all']).default('all'),
  OFFPEAK_SECRET_KEY: z.string().min(16, 'must be at least 16 characters').optional(),
  OFFPEAK_PUBLIC_URL: origin.optional(),
  OFFPEAK_TRUSTED_PROXIES: z
    .string()
    .transform((text) => text.split(',').map((part) => part.trim()))
    .refine((list) => list.every(isCidr), 'must be CIDRs such as 10.0.0.0/8, separated by commas')
    .default([]),
  OFFPEAK_ADMIN_PORT: port.optional(),
  OFFPEAK_LOG_BODIES: onOff.default(false),
  OFFPEAK_LOG_RETENTION: days.default(90 * 86_400_000),
  OFFPEAK_BODY_RETENTION: days.default(7 * 86_400_000),
  OFFPEAK_DRAIN_SECONDS: z.coerce.number().min(0).max(3_600).default(25),
  OFFPEAK_DOOR: z.enum(['listener', 'next']).default('listener'),
  OFFPEAK_SIM_TIME_SCALE: z.coerce.number().positive().max(1_000_000).default(1),
  OFFPEAK_ALERT_URL: z
    .string()
    // Some webhooks carry their secret in the query.
    .refine((text) => isHttpUrl(text.replace(/\?[^#]*$/, '')), 'must be an http(s) URL without fragment or credentials')
    .optional(),
});

/** The running configuration, validated. The only thing of the environment that the rest of Offpeak sees. */
export type Config = ReturnType<typeof readEnv>;

/**
 * Reads and validates the environment, then removes every `ANTHROPIC_*` from it: the SDK would inherit base URLs and
 * headers that were meant for clients of this very proxy.
 * @throws StartError with one sentence that names the variable.
 */
export function readEnv(source: NodeJS.ProcessEnv = process.env) {
  // An empty value is an unset one: that is what `FOO= npm start` and most env files mean.
  const set = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = Env.safeParse(set, { error: plainFault });
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new StartError(`The environment variable ${String(issue?.path[0])} is not valid: ${issue?.message}.`);
  }
  const env = parsed.data;
  const upstreamKeys = readUpstreamKeys(env, set);
  for (const name of Object.keys(source)) if (name.startsWith('ANTHROPIC_')) delete source[name];

  const isReal = upstreamKeys.size > 0 || env.OFFPEAK_PASSTHROUGH;
  const upstreamUrl = env.OFFPEAK_UPSTREAM_URL ?? (isReal ? OFFICIAL : 'simulator');
  return {
    port: env.PORT,
    host: env.HOST,
    databaseUrl: env.DATABASE_URL ?? null,
    dataDir: resolve(env.OFFPEAK_DATA_DIR),
    upstreamUrl,
    upstreamChosen: env.OFFPEAK_UPSTREAM_URL !== undefined,
    /** By name; `default` is ANTHROPIC_API_KEY. */
    upstreamKeys,
    adminToken: env.OFFPEAK_ADMIN_TOKEN ?? null,
    apiKey: env.OFFPEAK_API_KEY ?? null,
    passthrough: env.OFFPEAK_PASSTHROUGH,
    role: env.OFFPEAK_ROLE,
    secretKey: env.OFFPEAK_SECRET_KEY ?? null,
    publicUrl: env.OFFPEAK_PUBLIC_URL ?? null,
    trustedProxies: env.OFFPEAK_TRUSTED_PROXIES,
    adminPort: env.OFFPEAK_ADMIN_PORT ?? null,
    logBodies: env.OFFPEAK_LOG_BODIES,
    retention: { log: env.OFFPEAK_LOG_RETENTION, bodies: env.OFFPEAK_BODY_RETENTION },
    drainMs: env.OFFPEAK_DRAIN_SECONDS * 1_000,
    door: env.OFFPEAK_DOOR,
    simTimeScale: env.OFFPEAK_SIM_TIME_SCALE,
    alertUrl: env.OFFPEAK_ALERT_URL ?? null,
  };
}

/** For child processes: what any program needs, and no credential. */
export function bareEnv(): Record<string, string | undefined> {
  const { PATH, HOME, TMPDIR, LANG } = process.env;
  return { PATH, HOME, TMPDIR, LANG };
}

/** How the real upstream is reached from inside a corporate network; `null`: directly. */
export function readProxy(source: NodeJS.ProcessEnv = process.env): { httpsProxy: string; noProxy: string } | null {
  const httpsProxy = source.HTTPS_PROXY ?? source.https_proxy;
  return httpsProxy ? { httpsProxy, noProxy: source.NO_PROXY ?? source.no_proxy ?? '' } : null;
}

function readUpstreamKeys(env: z.infer<typeof Env>, set: Record<string, string | undefined>): Map<string, string> {
  const keys = new Map<string, string>();
  if (env.ANTHROPIC_API_KEY) keys.set('default', env.ANTHROPIC_API_KEY);
  for (const entry of env.OFFPEAK_UPSTREAM_KEYS?.split(',') ?? []) {
    const [name = '', variable = ''] = entry.split('=');
    const value = set[variable];
    if (!value) {
      throw new StartError(`OFFPEAK_UPSTREAM_KEYS names ${variable}, but that environment variable is not set.`);
    }
    keys.set(name, value);
  }
  return keys;
}

function headerValue(atLeast = 1) {
  return z
    .string()
    .regex(
      new RegExp(`^[\\x21-\\x7e]{${atLeast},512}$`),
      `must be at least ${atLeast} printable characters without spaces`,
    );
}

function hasKnownPooler(url: string): boolean {
  const said = URL.canParse(url) ? new URL(url).searchParams.get('pooler') : null;
  return said === null || POOLER_CHOICES.some((choice) => choice === said);
}

function isHttpUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return /^https?:$/.test(url.protocol) && !url.search && !url.hash && !url.username;
}

function isOrigin(text: string): boolean {
  return isHttpUrl(text) && new URL(text).pathname === '/';
}

function isCidr(text: string): boolean {
  return ipaddr.isValidCIDR(text);
}
