-- Drop check public.posts.posts_status_check
ALTER TABLE "public"."posts" DROP CONSTRAINT "posts_status_check";
-- Drop the default of column public.posts.status
-- because: depends on column public.posts.status
ALTER TABLE "public"."posts" ALTER COLUMN "status" DROP DEFAULT;
-- Comment on table public.posts
COMMENT ON TABLE "public"."posts" IS 'what users write; a post goes with its author';
-- Comment on column public.posts.updated_at
COMMENT ON COLUMN "public"."posts"."updated_at" IS 'kept by the trigger';
-- Comment on index public.posts.posts_created_at_idx
COMMENT ON INDEX "public"."posts_created_at_idx" IS 'the front page shows the newest posts first';
-- Create enum public.post_status
CREATE TYPE "public"."post_status" AS ENUM ('draft', 'published', 'archived');
-- Comment on enum public.post_status
COMMENT ON TYPE "public"."post_status" IS 'where a post is in its life';
-- Create function public.set_updated_at()
CREATE OR REPLACE FUNCTION "public"."set_updated_at"()
 RETURNS trigger
 LANGUAGE "plpgsql"
AS $function$BEGIN
  NEW.updated_at := now();
  RETURN NEW;
END
$function$;
-- Comment on function public.set_updated_at()
COMMENT ON FUNCTION "public"."set_updated_at"() IS 'notes when a row was changed last';
-- Modify table public.sessions
ALTER TABLE "public"."sessions" ENABLE ROW LEVEL SECURITY;
-- Create policy public.sessions.own_sessions
CREATE POLICY "own_sessions" ON "public"."sessions" AS PERMISSIVE FOR ALL TO PUBLIC USING (((user_id)::text = current_setting('app.user_id'::text, true)));
-- Comment on table public.sessions
COMMENT ON TABLE "public"."sessions" IS 'who is logged in, and until when';
-- Comment on column public.sessions.token
COMMENT ON COLUMN "public"."sessions"."token" IS 'what the browser sends';
-- Comment on policy public.sessions.own_sessions
COMMENT ON POLICY "own_sessions" ON "public"."sessions" IS 'everybody but the owner sees the sessions of one user: SET app.user_id';
-- Change the type of column public.posts.status from character varying(20) to public.post_status
ALTER TABLE "public"."posts" ALTER COLUMN "status" TYPE public.post_status USING "status"::public.post_status;
-- Set the default of column public.posts.status
-- because: depends on column public.posts.status
ALTER TABLE "public"."posts" ALTER COLUMN "status" SET DEFAULT 'draft'::public.post_status;
-- Create trigger public.posts.set_updated_at
CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.posts FOR EACH ROW EXECUTE FUNCTION public.set_updated_at();
-- Comment on trigger public.posts.set_updated_at
COMMENT ON TRIGGER "set_updated_at" ON "public"."posts" IS 'keeps posts.updated_at';
-- Create view public.published_posts
CREATE VIEW "public"."published_posts" AS
SELECT p.id,
    p.title,
    p.body,
    u.email AS author,
    p.created_at
   FROM (public.posts p
     JOIN public.users u ON ((u.id = p.user_id)))
  WHERE (p.status = 'published'::public.post_status);
-- Comment on view public.published_posts
COMMENT ON VIEW "public"."published_posts" IS 'what readers see';
-- Comment on column public.published_posts.author
COMMENT ON COLUMN "public"."published_posts"."author" IS 'the address of who wrote it';
-- Create trigger public.users.set_updated_at
CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.users FOR EACH ROW EXECUTE FUNCTION public.set_updated_at();
-- Comment on table public.users
COMMENT ON TABLE "public"."users" IS 'who can log in';
-- Comment on column public.users.email
COMMENT ON COLUMN "public"."users"."email" IS 'unique; what people log in with';
-- Comment on column public.users.password_hash
COMMENT ON COLUMN "public"."users"."password_hash" IS 'a salted hash; never the password itself';
-- Comment on column public.users.updated_at
COMMENT ON COLUMN "public"."users"."updated_at" IS 'kept by the trigger';
-- Comment on trigger public.users.set_updated_at
COMMENT ON TRIGGER "set_updated_at" ON "public"."users" IS 'keeps users.updated_at';
-- Comment on table public.roles
COMMENT ON TABLE "public"."roles" IS 'what a user may be';
-- Comment on table public.user_roles
COMMENT ON TABLE "public"."user_roles" IS 'who holds which role; a role that somebody holds cannot be deleted';

-- atlas:down
-- -- Comment on table public.posts
-- COMMENT ON TABLE "public"."posts" IS NULL;
-- -- Comment on column public.posts.updated_at
-- COMMENT ON COLUMN "public"."posts"."updated_at" IS NULL;
-- -- Comment on index public.posts.posts_created_at_idx
-- COMMENT ON INDEX "public"."posts_created_at_idx" IS NULL;
-- -- Drop trigger public.posts.set_updated_at
-- -- LOSES trigger public.posts.set_updated_at, which fires before UPDATE on public.posts
-- DROP TRIGGER "set_updated_at" ON "public"."posts";
-- -- Comment on table public.roles
-- COMMENT ON TABLE "public"."roles" IS NULL;
-- -- Comment on table public.sessions
-- COMMENT ON TABLE "public"."sessions" IS NULL;
-- -- Comment on column public.sessions.token
-- COMMENT ON COLUMN "public"."sessions"."token" IS NULL;
-- -- Drop policy public.sessions.own_sessions
-- -- LOSES policy public.sessions.own_sessions, which lets PUBLIC SELECT, INSERT, UPDATE and DELETE rows of public.sessions
-- DROP POLICY "own_sessions" ON "public"."sessions";
-- -- Modify table public.sessions
-- ALTER TABLE "public"."sessions" DISABLE ROW LEVEL SECURITY;
-- -- Comment on table public.user_roles
-- COMMENT ON TABLE "public"."user_roles" IS NULL;
-- -- Comment on table public.users
-- COMMENT ON TABLE "public"."users" IS NULL;
-- -- Comment on column public.users.email
-- COMMENT ON COLUMN "public"."users"."email" IS NULL;
-- -- Comment on column public.users.password_hash
-- COMMENT ON COLUMN "public"."users"."password_hash" IS NULL;
-- -- Comment on column public.users.updated_at
-- COMMENT ON COLUMN "public"."users"."updated_at" IS NULL;
-- -- Drop trigger public.users.set_updated_at
-- -- LOSES trigger public.users.set_updated_at, which fires before UPDATE on public.users
-- DROP TRIGGER "set_updated_at" ON "public"."users";
-- -- Drop view public.published_posts
-- -- LOSES the definition of view public.published_posts
-- DROP VIEW "public"."published_posts";
-- -- Drop function public.set_updated_at()
-- -- LOSES the definition of function public.set_updated_at()
-- DROP FUNCTION "public"."set_updated_at"();
-- -- Change the type of column public.posts.status from public.post_status to character varying(20)
-- ALTER TABLE "public"."posts" ALTER COLUMN "status" TYPE character varying(20);
-- -- Change the default of column public.posts.status
-- ALTER TABLE "public"."posts" ALTER COLUMN "status" SET DEFAULT 'draft'::character varying;
-- -- Add check public.posts.posts_status_check
-- ALTER TABLE "public"."posts" ADD CONSTRAINT "posts_status_check" CHECK ((status)::text = ANY ((ARRAY['draft'::character varying, 'published'::character varying, 'archived'::character varying]::character varying[])::text[]));
-- -- Drop enum public.post_status
-- -- LOSES the definition of enum public.post_status
-- DROP TYPE "public"."post_status";
