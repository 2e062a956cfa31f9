ALTER TABLE "batches" ADD COLUMN "tally" jsonb;--> statement-breakpoint
CREATE INDEX "batches_untallied" ON "batches" USING btree ("closed_at") WHERE state = 'closed' and tally is null;