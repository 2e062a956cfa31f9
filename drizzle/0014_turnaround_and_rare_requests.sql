ALTER TABLE "batches" ADD COLUMN "turnaround_ms" double precision GENERATED ALWAYS AS (case
        when ended_at is null then least(date_part('epoch', cancel_requested_at - upstream_created_at) * 1000, date_part('epoch', closed_at - upstream_created_at) * 1000, coalesce(date_part('epoch', expires_at - upstream_created_at) * 1000, 86400000))
        when (case when jsonb_typeof(counts -> 'expired') = 'number' then (counts -> 'expired')::float8 else 0 end) > 0 then coalesce(date_part('epoch', expires_at - upstream_created_at) * 1000, 86400000)
        else least(date_part('epoch', ended_at - upstream_created_at) * 1000, date_part('epoch', cancel_requested_at - upstream_created_at) * 1000)
      end) STORED;--> statement-breakpoint
ALTER TABLE "batches" ADD COLUMN "ended_itself" boolean GENERATED ALWAYS AS (ended_at is not null and (case when jsonb_typeof(counts -> 'expired') = 'number' then (counts -> 'expired')::float8 else 0 end) = 0 and (case when jsonb_typeof(counts -> 'canceled') = 'number' then (counts -> 'canceled')::float8 else 0 end) = 0
        and coalesce(cancel_requested_at >= ended_at, true)) STORED;--> statement-breakpoint
CREATE INDEX "batches_turnaround" ON "batches" USING btree ("upstream_id","upstream_created_at","model","turnaround_ms","ended_itself","items","ended_at","closed_at") WHERE upstream_created_at is not null;--> statement-breakpoint
CREATE INDEX "requests_error" ON "requests" USING btree ("id","error_type") WHERE error_type is not null;--> statement-breakpoint
CREATE INDEX "requests_other_endpoints" ON "requests" USING btree ("id") WHERE endpoint <> 'messages';