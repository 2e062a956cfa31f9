CREATE TABLE "batches" (
	"id" uuid PRIMARY KEY NOT NULL,
	"upstream_id" smallint NOT NULL,
	"state" text NOT NULL,
	"msgbatch_id" text,
	"nonce" text NOT NULL,
	"credential" text NOT NULL,
	"group_key" text NOT NULL,
	"headers" jsonb NOT NULL,
	"model" text NOT NULL,
	"size_class" text NOT NULL,
	"items" integer NOT NULL,
	"bytes" bigint NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"posting_at" timestamp with time zone,
	"post_deadline_at" timestamp with time zone,
	"watermark" text,
	"candidates" text[] DEFAULT '{}' NOT NULL,
	"foreign_ids" text[] DEFAULT '{}' NOT NULL,
	"absent_since" timestamp with time zone,
	"upstream_created_at" timestamp with time zone,
	"expires_at" timestamp with time zone,
	"ended_at" timestamp with time zone,
	"seen_ended_at" timestamp with time zone,
	"closed_at" timestamp with time zone,
	"cancel_requested_at" timestamp with time zone,
	"counts" jsonb,
	"collect_tries" integer DEFAULT 0 NOT NULL,
	"collect_after" timestamp with time zone,
	"error" text,
	"lease_owner" text,
	"lease_epoch" integer DEFAULT 0 NOT NULL,
	"lease_until" timestamp with time zone,
	CONSTRAINT "batches_msgbatch_id_unique" UNIQUE("msgbatch_id"),
	CONSTRAINT "batches_nonce_unique" UNIQUE("nonce"),
	CONSTRAINT "batches_state" CHECK ("state" in ('intent', 'posting', 'unknown', 'open', 'ended', 'closed', 'void')),
	CONSTRAINT "batches_size_class" CHECK ("size_class" in ('small', 'medium', 'large', 'tools'))
);
--> statement-breakpoint
CREATE TABLE "idempotency_keys" (
	"id" text PRIMARY KEY NOT NULL,
	"body_hash" text NOT NULL,
	"request_id" uuid NOT NULL,
	"owner" text NOT NULL,
	"lease_until" timestamp with time zone NOT NULL,
	"sealed" "bytea",
	"expires_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "item_bodies" (
	"item_id" uuid PRIMARY KEY NOT NULL,
	"sealed" "bytea" NOT NULL
);
--> statement-breakpoint
CREATE TABLE "item_results" (
	"item_id" uuid PRIMARY KEY NOT NULL,
	"sealed" "bytea" NOT NULL
);
--> statement-breakpoint
CREATE TABLE "items" (
	"id" uuid PRIMARY KEY NOT NULL,
	"upstream_id" smallint NOT NULL,
	"state" text NOT NULL,
	"outcome" text,
	"opened" jsonb NOT NULL,
	"credential" text NOT NULL,
	"group_key" text NOT NULL,
	"headers" jsonb NOT NULL,
	"model" text NOT NULL,
	"size_class" text NOT NULL,
	"bytes" integer NOT NULL,
	"max_items" integer NOT NULL,
	"fingerprint" text NOT NULL,
	"idempotency_key" text,
	"arrived_at" timestamp with time zone NOT NULL,
	"window_ends_at" timestamp with time zone NOT NULL,
	"answer_by" timestamp with time zone NOT NULL,
	"escalate_at" timestamp with time zone,
	"not_before" timestamp with time zone,
	"batch_id" uuid,
	"custom_id" text,
	"caller" text,
	"caller_epoch" integer DEFAULT 0 NOT NULL,
	"gone_at" timestamp with time zone,
	"hand_overs" integer DEFAULT 0 NOT NULL,
	"outcome_at" timestamp with time zone,
	"closed_at" timestamp with time zone,
	"lease_owner" text,
	"lease_epoch" integer DEFAULT 0 NOT NULL,
	"lease_until" timestamp with time zone,
	CONSTRAINT "items_state" CHECK ("state" in ('queued', 'batched', 'escalating', 'done')),
	CONSTRAINT "items_outcome" CHECK ("outcome" in ('answered', 'failed', 'dropped'))
);
--> statement-breakpoint
CREATE TABLE "lane_credentials" (
	"credential" text PRIMARY KEY NOT NULL,
	"sealed" "bytea" NOT NULL
);
--> statement-breakpoint
CREATE TABLE "lane_leases" (
	"name" text PRIMARY KEY NOT NULL,
	"owner" text NOT NULL,
	"lease_until" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "policies" (
	"version" integer PRIMARY KEY NOT NULL,
	"document" jsonb NOT NULL,
	"note" text,
	"author" text NOT NULL,
	"published_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN "sync_cost_pico" bigint;--> statement-breakpoint
CREATE INDEX "batches_live" ON "batches" USING btree ("state") WHERE state in ('intent', 'posting', 'unknown', 'open', 'ended');--> statement-breakpoint
CREATE INDEX "batches_created" ON "batches" USING btree ("upstream_id","created_at");--> statement-breakpoint
CREATE INDEX "idempotency_keys_expires" ON "idempotency_keys" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "items_queued" ON "items" USING btree ("group_key","id") WHERE state = 'queued';--> statement-breakpoint
CREATE INDEX "items_escalate" ON "items" USING btree ("escalate_at") WHERE state <> 'done';--> statement-breakpoint
CREATE INDEX "items_batch" ON "items" USING btree ("batch_id","custom_id");--> statement-breakpoint
CREATE INDEX "items_fingerprint" ON "items" USING btree ("fingerprint");--> statement-breakpoint
CREATE INDEX "items_undelivered" ON "items" USING btree ("caller") WHERE state = 'done' and closed_at is null;--> statement-breakpoint
CREATE INDEX "items_closed" ON "items" USING btree ("closed_at") WHERE closed_at is not null;--> statement-breakpoint
CREATE INDEX "requests_batch" ON "requests" USING btree ("batch_id") WHERE batch_id is not null;--> statement-breakpoint
ALTER TABLE "items" SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
--> statement-breakpoint
ALTER TABLE "item_bodies" SET (autovacuum_vacuum_scale_factor = 0.02);
--> statement-breakpoint
ALTER TABLE "item_results" SET (autovacuum_vacuum_scale_factor = 0.02);
