CREATE TABLE "file_texts" (
	"file_id" bigint NOT NULL,
	"passage" integer NOT NULL,
	"page" integer,
	"text" text NOT NULL,
	"terms" "tsvector" NOT NULL,
	CONSTRAINT "file_texts_file_id_passage_pk" PRIMARY KEY("file_id","passage")
);
--> statement-breakpoint
ALTER TABLE "files" ADD COLUMN "failure" text;--> statement-breakpoint
ALTER TABLE "files" ADD COLUMN "preview_key" text;--> statement-breakpoint
ALTER TABLE "files" ADD COLUMN "derived_bytes" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "files" ADD COLUMN "width" integer;--> statement-breakpoint
ALTER TABLE "files" ADD COLUMN "height" integer;--> statement-breakpoint
ALTER TABLE "files" ADD COLUMN "pages" integer;--> statement-breakpoint
ALTER TABLE "files" ADD COLUMN "text_cut" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "files" ADD COLUMN "attempts" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "file_texts" ADD CONSTRAINT "file_texts_file_id_files_id_fk" FOREIGN KEY ("file_id") REFERENCES "public"."files"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "files_preview" ON "files" USING btree ("preview_key");--> statement-breakpoint
CREATE INDEX "files_processing" ON "files" USING btree ("created_at") WHERE status = 'processing';