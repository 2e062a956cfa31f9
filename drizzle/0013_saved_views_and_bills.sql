CREATE TABLE "bill_lines" (
	"bill_id" uuid NOT NULL,
	"day" text NOT NULL,
	"model" text NOT NULL,
	"tier" text NOT NULL,
	"input" bigint NOT NULL,
	"output" bigint NOT NULL,
	"cache_read" bigint NOT NULL,
	"cache_write" bigint NOT NULL,
	"cost_pico" bigint NOT NULL,
	CONSTRAINT "bill_lines_bill_id_day_model_tier_pk" PRIMARY KEY("bill_id","day","model","tier")
);
--> statement-breakpoint
CREATE TABLE "bills" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"kind" text NOT NULL,
	"format" text NOT NULL,
	"first_day" text NOT NULL,
	"last_day" text NOT NULL,
	"imported_at" timestamp with time zone NOT NULL,
	"imported_by" text NOT NULL,
	CONSTRAINT "bills_kind" CHECK ("kind" in ('usage', 'cost'))
);
--> statement-breakpoint
CREATE TABLE "saved_views" (
	"id" uuid PRIMARY KEY NOT NULL,
	"operator_id" uuid NOT NULL,
	"name" text NOT NULL,
	"query" text NOT NULL,
	"shared" boolean NOT NULL,
	"updated_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "audit_log" DROP CONSTRAINT "audit_log_action";--> statement-breakpoint
ALTER TABLE "bill_lines" ADD CONSTRAINT "bill_lines_bill_id_bills_id_fk" FOREIGN KEY ("bill_id") REFERENCES "public"."bills"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "saved_views" ADD CONSTRAINT "saved_views_operator_id_operators_id_fk" FOREIGN KEY ("operator_id") REFERENCES "public"."operators"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "bill_lines_day" ON "bill_lines" USING btree ("day");--> statement-breakpoint
CREATE UNIQUE INDEX "saved_views_own" ON "saved_views" USING btree ("operator_id","name") WHERE not shared;--> statement-breakpoint
CREATE UNIQUE INDEX "saved_views_shared" ON "saved_views" USING btree ("name") WHERE shared;--> statement-breakpoint
ALTER TABLE "audit_log" ADD CONSTRAINT "audit_log_action" CHECK ("action" in ('key.create', 'key.revoke', 'key.restore', 'price.add', 'policy.publish', 'policy.pause', 'policy.resume', 'operator.create', 'operator.delete', 'probes.set', 'view.share', 'view.delete', 'bill.import', 'bill.delete', 'session.login'));