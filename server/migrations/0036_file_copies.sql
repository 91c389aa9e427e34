CREATE TABLE "file_copies" (
	"file_id" bigint NOT NULL,
	"vendor" text NOT NULL,
	"uri" text NOT NULL,
	"until" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "file_copies_file_id_vendor_pk" PRIMARY KEY("file_id","vendor")
);
--> statement-breakpoint
ALTER TABLE "file_copies" ADD CONSTRAINT "file_copies_file_id_files_id_fk" FOREIGN KEY ("file_id") REFERENCES "public"."files"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "file_copies_until" ON "file_copies" USING btree ("until");