CREATE TABLE "attempts" (
	"request_id" uuid NOT NULL,
	"key" text NOT NULL,
	"lane" text NOT NULL,
	"started_at" timestamp with time zone NOT NULL,
	"ended_at" timestamp with time zone NOT NULL,
	"http_status" smallint,
	"error_type" text,
	"message_id" text,
	"upstream_request_id" text,
	"model" text,
	"usage" jsonb,
	"estimated" boolean NOT NULL,
	"cost_pico" bigint,
	"price_id" integer,
	"delivered" boolean NOT NULL,
	CONSTRAINT "attempts_request_id_key_pk" PRIMARY KEY("request_id","key"),
	CONSTRAINT "attempts_lane" CHECK ("lane" in ('sync', 'batch'))
) PARTITION BY RANGE ("request_id");
--> statement-breakpoint
CREATE TABLE "client_batches" (
	"id" text PRIMARY KEY NOT NULL,
	"key_id" uuid NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"deleted_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "key_spend" (
	"key_id" uuid NOT NULL,
	"month" text NOT NULL,
	"spent_pico" bigint NOT NULL,
	CONSTRAINT "key_spend_key_id_month_pk" PRIMARY KEY("key_id","month")
);
--> statement-breakpoint
CREATE TABLE "keys" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"secret_hmac" text NOT NULL,
	"prefix" text NOT NULL,
	"last4" text NOT NULL,
	"tolerance_ms" integer,
	"tags" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"batch" boolean DEFAULT true NOT NULL,
	"store" boolean DEFAULT true NOT NULL,
	"patience_ms" integer,
	"monthly_budget_pico" bigint,
	"upstream" text DEFAULT 'default' NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" text NOT NULL,
	"last_used_at" timestamp with time zone,
	"revoked_at" timestamp with time zone,
	CONSTRAINT "keys_secret_hmac_unique" UNIQUE("secret_hmac")
);
--> statement-breakpoint
CREATE TABLE "login_codes" (
	"code_hmac" text PRIMARY KEY NOT NULL,
	"expires_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "operators" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"role" text NOT NULL,
	"token_hmac" text NOT NULL,
	"built_in" boolean DEFAULT false NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"deleted_at" timestamp with time zone,
	CONSTRAINT "operators_token_hmac_unique" UNIQUE("token_hmac"),
	CONSTRAINT "operators_role" CHECK ("role" in ('viewer', 'operator', 'admin'))
);
--> statement-breakpoint
CREATE TABLE "prices" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "prices_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"model" text NOT NULL,
	"aliases" text[] DEFAULT '{}' NOT NULL,
	"effective_from" timestamp with time zone NOT NULL,
	"input" bigint NOT NULL,
	"output" bigint NOT NULL,
	"cache_write_5m" bigint NOT NULL,
	"cache_write_1h" bigint NOT NULL,
	"cache_read" bigint NOT NULL,
	"long_threshold" integer,
	"long_input" bigint,
	"long_output" bigint,
	"long_cache_write_5m" bigint,
	"long_cache_write_1h" bigint,
	"long_cache_read" bigint,
	"batch_permille" integer NOT NULL,
	"geo_us_permille" integer,
	"web_search" bigint NOT NULL,
	"source" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "request_bodies" (
	"request_id" uuid PRIMARY KEY NOT NULL,
	"sealed" "bytea" NOT NULL
) PARTITION BY RANGE ("request_id");
--> statement-breakpoint
CREATE TABLE "requests" (
	"id" uuid PRIMARY KEY NOT NULL,
	"endpoint" text NOT NULL,
	"upstream_id" smallint NOT NULL,
	"key_id" uuid,
	"credential" text,
	"client" text NOT NULL,
	"agent" text NOT NULL,
	"session_id" text,
	"agent_id" text,
	"parent_agent_id" text,
	"tags" jsonb NOT NULL,
	"lane" text NOT NULL,
	"served_by" text,
	"rule" text NOT NULL,
	"because" text NOT NULL,
	"policy_version" integer NOT NULL,
	"state" text NOT NULL,
	"http_status" smallint,
	"error_type" text,
	"model" text,
	"stream" boolean NOT NULL,
	"tolerance_ms" integer,
	"deadline_at" timestamp with time zone,
	"input_tokens" integer,
	"max_tokens" integer,
	"has_tools" boolean NOT NULL,
	"has_thinking" boolean NOT NULL,
	"usage" jsonb,
	"cost_pico" bigint NOT NULL,
	"sync_cost_pico" bigint NOT NULL,
	"waste_pico" bigint NOT NULL,
	"unpriced" boolean NOT NULL,
	"ttfb_ms" double precision,
	"latency_ms" double precision,
	"batch_id" text,
	"upstream_request_id" text,
	CONSTRAINT "requests_endpoint" CHECK ("endpoint" in ('messages', 'count_tokens', 'models', 'batches', 'other')),
	CONSTRAINT "requests_client" CHECK ("client" in ('claude-code', 'sdk-ts', 'sdk-python', 'other')),
	CONSTRAINT "requests_agent" CHECK ("agent" in ('main', 'subagent', 'none')),
	CONSTRAINT "requests_lane" CHECK ("lane" in ('sync', 'batch')),
	CONSTRAINT "requests_served_by" CHECK ("served_by" in ('sync', 'batch')),
	CONSTRAINT "requests_state" CHECK ("state" in ('succeeded', 'failed', 'aborted', 'refused', 'interrupted'))
) PARTITION BY RANGE ("id");
--> statement-breakpoint
CREATE TABLE "sessions" (
	"cookie_hmac" text PRIMARY KEY NOT NULL,
	"operator_id" uuid NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "settings" (
	"name" text PRIMARY KEY NOT NULL,
	"value" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "upstreams" (
	"id" smallint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "upstreams_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 32767 START WITH 1 CACHE 1),
	"origin" text NOT NULL,
	"simulated" boolean NOT NULL,
	"first_seen_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "upstreams_origin_unique" UNIQUE("origin")
);
--> statement-breakpoint
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_operator_id_operators_id_fk" FOREIGN KEY ("operator_id") REFERENCES "public"."operators"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "attempts_message" ON "attempts" USING btree ("message_id");--> statement-breakpoint
CREATE INDEX "client_batches_key" ON "client_batches" USING btree ("key_id","created_at");--> statement-breakpoint
CREATE UNIQUE INDEX "keys_name" ON "keys" USING btree ("name") WHERE revoked_at is null;--> statement-breakpoint
CREATE UNIQUE INDEX "operators_name" ON "operators" USING btree ("name") WHERE deleted_at is null;--> statement-breakpoint
CREATE INDEX "prices_model" ON "prices" USING btree ("model","effective_from");--> statement-breakpoint
CREATE UNIQUE INDEX "prices_shipped" ON "prices" USING btree ("model","effective_from") WHERE created_by = 'offpeak';--> statement-breakpoint
CREATE INDEX "requests_upstream_request" ON "requests" USING btree ("upstream_request_id");--> statement-breakpoint
CREATE INDEX "sessions_expires_at" ON "sessions" USING btree ("expires_at");