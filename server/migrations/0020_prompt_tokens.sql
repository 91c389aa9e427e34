ALTER TABLE "replies" ADD COLUMN "prompt_tokens" integer;--> statement-breakpoint
ALTER TABLE "replies" ADD COLUMN "prompt_estimate" integer;