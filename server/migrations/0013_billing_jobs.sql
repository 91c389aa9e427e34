DROP INDEX "billing_customers_work";--> statement-breakpoint
DROP INDEX "billing_events_work";--> statement-breakpoint
CREATE INDEX "billing_customers_open" ON "billing_customers" USING btree ("user_id") WHERE requested > done;--> statement-breakpoint
CREATE INDEX "billing_events_open" ON "billing_events" USING btree ("id") WHERE state = 'received';--> statement-breakpoint
ALTER TABLE "billing_customers" DROP COLUMN "lease_until";--> statement-breakpoint
ALTER TABLE "billing_customers" DROP COLUMN "failures";--> statement-breakpoint
ALTER TABLE "billing_events" DROP COLUMN "failures";--> statement-breakpoint
ALTER TABLE "billing_events" DROP COLUMN "next_attempt_at";
--> statement-breakpoint
-- What was under way has no job yet: the reconciliation sends one.
update billing_customers set recheck_at = pollux_now() where requested > done;
