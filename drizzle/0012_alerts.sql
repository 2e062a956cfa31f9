CREATE TABLE "alerts" (
	"upstream_id" smallint NOT NULL,
	"kind" text NOT NULL,
	"subject" text NOT NULL,
	"text" text NOT NULL,
	"raised_at" timestamp with time zone NOT NULL,
	"sent_at" timestamp with time zone,
	"over" boolean DEFAULT false NOT NULL,
	CONSTRAINT "alerts_upstream_id_kind_subject_pk" PRIMARY KEY("upstream_id","kind","subject"),
	CONSTRAINT "alerts_kind" CHECK ("kind" in ('budget', 'deadline_misses', 'late_batch', 'unpriced_model', 'lane_down', 'database_down'))
);
