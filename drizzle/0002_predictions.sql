ALTER TABLE "requests" ADD COLUMN "prediction" jsonb;--> statement-breakpoint
ALTER TABLE "requests" ADD COLUMN "warm_prefix" boolean DEFAULT false NOT NULL;