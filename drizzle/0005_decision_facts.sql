CREATE TABLE "estimate_snapshots" (
	"id" text PRIMARY KEY NOT NULL,
	"estimate" jsonb NOT NULL,
	"used_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "requests" ADD COLUMN "opted_out" boolean;--> statement-breakpoint
ALTER TABLE "requests" ADD COLUMN "ineligible" text;--> statement-breakpoint
ALTER TABLE "requests" ADD COLUMN "lane_down" boolean;--> statement-breakpoint
ALTER TABLE "requests" ADD COLUMN "prefix" jsonb;--> statement-breakpoint
ALTER TABLE "requests" ADD COLUMN "header_facts" jsonb;--> statement-breakpoint
ALTER TABLE "requests" ADD COLUMN "estimate_id" text;--> statement-breakpoint
ALTER TABLE "requests" ADD COLUMN "batch_backlog" integer;--> statement-breakpoint
ALTER TABLE "requests" ADD COLUMN "sync_p95_ms" double precision;--> statement-breakpoint
ALTER TABLE "requests" ADD COLUMN "spend_today" double precision;--> statement-breakpoint
ALTER TABLE "requests" ADD COLUMN "sync_need_ms" double precision;--> statement-breakpoint
ALTER TABLE "requests" ADD COLUMN "expected_output" double precision;--> statement-breakpoint
ALTER TABLE "requests" ADD COLUMN "patience_ms" integer;--> statement-breakpoint
ALTER TABLE "requests" ADD COLUMN "spilled" boolean;--> statement-breakpoint
CREATE INDEX "estimate_snapshots_used" ON "estimate_snapshots" USING btree ("used_at");