ALTER TABLE "rollup_money" ADD COLUMN "deadlines" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "rollup_money" ADD COLUMN "in_time" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "rollup_tags" ADD COLUMN "deadlines" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "rollup_tags" ADD COLUMN "in_time" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
-- Every bucket is made anew in the background, the newest first; days whose quarter hours and hours are gone keep none.
INSERT INTO "rollup_marks" ("upstream_id", "grain", "at")
SELECT DISTINCT "upstream_id", 15::smallint, "at" FROM "rollup_money" WHERE "grain" IN (15, 60);
