CREATE TABLE "probes" (
	"id" uuid PRIMARY KEY NOT NULL,
	"sync_id" uuid NOT NULL,
	"upstream_id" smallint NOT NULL,
	"model" text NOT NULL,
	"claimed_at" timestamp with time zone NOT NULL,
	"batch_worst_pico" bigint NOT NULL,
	"sync_worst_pico" bigint NOT NULL
);
--> statement-breakpoint
ALTER TABLE "items" ADD COLUMN "probe" boolean DEFAULT false NOT NULL;--> statement-breakpoint
CREATE INDEX "probes_model" ON "probes" USING btree ("upstream_id","model","claimed_at");--> statement-breakpoint
CREATE INDEX "probes_claimed" ON "probes" USING btree ("upstream_id","claimed_at");--> statement-breakpoint
CREATE INDEX "batches_model" ON "batches" USING btree ("upstream_id","model","created_at");