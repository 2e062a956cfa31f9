CREATE TABLE "prefix_shares" (
	"upstream_id" smallint NOT NULL,
	"scope" text NOT NULL,
	"shares" jsonb NOT NULL,
	"updated_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "prefix_shares_upstream_id_scope_pk" PRIMARY KEY("upstream_id","scope")
);
--> statement-breakpoint
CREATE TABLE "prefix_sightings" (
	"id" uuid PRIMARY KEY NOT NULL,
	"upstream_id" smallint NOT NULL,
	"writer" text NOT NULL,
	"scope" text NOT NULL,
	"prefixes" text[] NOT NULL,
	"ttl" text NOT NULL,
	"session" text,
	"arrived_at" timestamp with time zone NOT NULL,
	"answered_at" timestamp with time zone NOT NULL,
	"cache_read" integer NOT NULL,
	"cache_written" integer NOT NULL,
	"noted_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "prefix_sightings_ttl" CHECK ("ttl" in ('5m', '1h'))
);
--> statement-breakpoint
CREATE INDEX "prefix_sightings_noted" ON "prefix_sightings" USING btree ("noted_at");