import { config } from 'zod';

/** Our content security policy refuses code from text; zod would try that when the first schema is made. */
config({ jitless: true });
