-- Create table public.users
CREATE TABLE "public"."users" (
  "id" uuid NOT NULL DEFAULT gen_random_uuid(),
  "email" character varying(255) NOT NULL,
  "password" character varying(255) NOT NULL,
  "created_at" timestamp with time zone NOT NULL DEFAULT now(),
  "updated_at" timestamp with time zone NOT NULL DEFAULT now(),
  PRIMARY KEY ("id"),
  CONSTRAINT "users_email_key" UNIQUE ("email")
);
-- Create index public.users.users_created_at_idx
CREATE INDEX "users_created_at_idx" ON "public"."users" ("created_at");
-- Create table public.posts
CREATE TABLE "public"."posts" (
  "id" uuid NOT NULL DEFAULT gen_random_uuid(),
  "user_id" uuid NOT NULL,
  "title" character varying(255) NOT NULL,
  "body" text NOT NULL,
  "status" character varying(20) NOT NULL DEFAULT 'draft'::character varying,
  "created_at" timestamp with time zone NOT NULL DEFAULT now(),
  "updated_at" timestamp with time zone NULL DEFAULT now(),
  PRIMARY KEY ("id"),
  CONSTRAINT "posts_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "public"."users" ("id") ON DELETE CASCADE,
  CONSTRAINT "posts_status_check" CHECK ((status)::text = ANY ((ARRAY['draft'::character varying, 'published'::character varying, 'archived'::character varying]::character varying[])::text[]))
);
-- Create index public.posts.posts_user_id_idx
CREATE INDEX "posts_user_id_idx" ON "public"."posts" ("user_id");
-- Create table public.sessions
CREATE TABLE "public"."sessions" (
  "id" uuid NOT NULL DEFAULT gen_random_uuid(),
  "user_id" uuid NOT NULL,
  "token" character varying(255) NOT NULL,
  "expires_at" timestamp with time zone NOT NULL,
  "created_at" timestamp with time zone NOT NULL DEFAULT now(),
  PRIMARY KEY ("id"),
  CONSTRAINT "sessions_token_key" UNIQUE ("token"),
  CONSTRAINT "sessions_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "public"."users" ("id") ON DELETE CASCADE
);
-- Create index public.sessions.sessions_user_id_idx
CREATE INDEX "sessions_user_id_idx" ON "public"."sessions" ("user_id");

-- atlas:down
-- -- Drop table public.posts
-- -- LOSES every row of table public.posts
-- DROP TABLE "public"."posts";
-- -- Drop table public.sessions
-- -- LOSES every row of table public.sessions
-- DROP TABLE "public"."sessions";
-- -- Drop table public.users
-- -- LOSES every row of table public.users
-- DROP TABLE "public"."users";
