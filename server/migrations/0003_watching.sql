CREATE TABLE "model_pauses" (
	"model" text PRIMARY KEY NOT NULL,
	"until" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN "finished_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN "trace" text;--> statement-breakpoint
CREATE INDEX "messages_finished" ON "messages" USING brin ("finished_at");