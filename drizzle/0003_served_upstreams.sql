ALTER TABLE "upstreams" ADD COLUMN "served_at" timestamp with time zone;--> statement-breakpoint
UPDATE "upstreams" SET "served_at" = "first_seen_at";