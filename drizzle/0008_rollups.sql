CREATE TABLE "rollup_marks" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"upstream_id" smallint NOT NULL,
	"grain" smallint NOT NULL,
	"at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "rollup_money" (
	"upstream_id" smallint NOT NULL,
	"grain" smallint NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"model" text,
	"lane" text NOT NULL,
	"key_id" uuid,
	"rule" text NOT NULL,
	"requests" bigint NOT NULL,
	"failed" bigint NOT NULL,
	"aborted" bigint NOT NULL,
	"refused" bigint NOT NULL,
	"interrupted" bigint NOT NULL,
	"unpriced" bigint NOT NULL,
	"escalated" bigint NOT NULL,
	"cost_pico" bigint NOT NULL,
	"sync_cost_pico" bigint NOT NULL,
	"waste_pico" bigint NOT NULL,
	"input" bigint NOT NULL,
	"output" bigint NOT NULL,
	"cache_read" bigint NOT NULL,
	"cache_write_5m" bigint NOT NULL,
	"cache_write_1h" bigint NOT NULL,
	"priced_tokens" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "rollup_tags" (
	"upstream_id" smallint NOT NULL,
	"grain" smallint NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"name" text NOT NULL,
	"value" text NOT NULL,
	"requests" bigint NOT NULL,
	"failed" bigint NOT NULL,
	"aborted" bigint NOT NULL,
	"refused" bigint NOT NULL,
	"interrupted" bigint NOT NULL,
	"unpriced" bigint NOT NULL,
	"escalated" bigint NOT NULL,
	"cost_pico" bigint NOT NULL,
	"sync_cost_pico" bigint NOT NULL,
	"waste_pico" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "rollup_timings" (
	"upstream_id" smallint NOT NULL,
	"grain" smallint NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"measure" text NOT NULL,
	"model" text,
	"lane" text NOT NULL,
	"size_class" text NOT NULL,
	"bins" "bytea" NOT NULL
);
--> statement-breakpoint
CREATE INDEX "rollup_money_at" ON "rollup_money" USING btree ("upstream_id","grain","at");--> statement-breakpoint
CREATE INDEX "rollup_tags_at" ON "rollup_tags" USING btree ("upstream_id","name","grain","at");--> statement-breakpoint
CREATE INDEX "rollup_timings_at" ON "rollup_timings" USING btree ("upstream_id","measure","grain","at");
--> statement-breakpoint
CREATE FUNCTION "mark_requests"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	-- The first 48 bits of an id are its arrival in ms.
	INSERT INTO rollup_marks (upstream_id, grain, at)
	SELECT DISTINCT upstream_id, 15, to_timestamp((('x' || translate(left(id::text, 13), '-', ''))::bit(48)::bigint / 900000) * 900)
	FROM changed WHERE endpoint = 'messages';
	RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER "requests_inserted" AFTER INSERT ON "requests" REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION mark_requests();
--> statement-breakpoint
CREATE TRIGGER "requests_updated" AFTER UPDATE ON "requests" REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION mark_requests();
--> statement-breakpoint
CREATE FUNCTION "mark_batch"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO rollup_marks (upstream_id, grain, at)
	VALUES (NEW.upstream_id, 15, to_timestamp(floor(extract(epoch from NEW.upstream_created_at) / 900) * 900));
	RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER "batches_timed" AFTER INSERT OR UPDATE OF upstream_created_at, ended_at, closed_at, cancel_requested_at, counts ON "batches"
	FOR EACH ROW WHEN (NEW.upstream_created_at IS NOT NULL AND NEW.ended_at IS NOT NULL) EXECUTE FUNCTION mark_batch();
--> statement-breakpoint
INSERT INTO rollup_marks (upstream_id, grain, at)
	SELECT DISTINCT upstream_id, 15, to_timestamp((('x' || translate(left(id::text, 13), '-', ''))::bit(48)::bigint / 900000) * 900)
	FROM requests WHERE endpoint = 'messages';
--> statement-breakpoint
INSERT INTO rollup_marks (upstream_id, grain, at)
	SELECT DISTINCT upstream_id, 15, to_timestamp(floor(extract(epoch from upstream_created_at) / 900) * 900)
	FROM batches WHERE upstream_created_at IS NOT NULL AND ended_at IS NOT NULL;
--> statement-breakpoint
ALTER TABLE "rollup_marks" SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0);
--> statement-breakpoint
ALTER TABLE "rollup_money" SET (autovacuum_vacuum_scale_factor = 0.05);
--> statement-breakpoint
ALTER TABLE "rollup_tags" SET (autovacuum_vacuum_scale_factor = 0.05);
--> statement-breakpoint
ALTER TABLE "rollup_timings" SET (autovacuum_vacuum_scale_factor = 0.05);
