CREATE TABLE "audit_log" (
	"id" uuid PRIMARY KEY NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"actor" text NOT NULL,
	"actor_id" uuid NOT NULL,
	"action" text NOT NULL,
	"object" text NOT NULL,
	"before" jsonb,
	"after" jsonb,
	"note" text,
	"address" text,
	CONSTRAINT "audit_log_action" CHECK ("action" in ('key.create', 'key.revoke', 'price.add', 'policy.publish', 'policy.pause', 'policy.resume', 'operator.create', 'operator.delete', 'probes.set', 'session.login'))
);
--> statement-breakpoint
CREATE INDEX "audit_log_actor" ON "audit_log" USING btree ("actor","id");