-- atlas:txmode none

-- Create index public.posts.posts_created_at_idx
CREATE INDEX CONCURRENTLY "posts_created_at_idx" ON "public"."posts" ("created_at" DESC);

-- atlas:down
-- -- Drop index public.posts.posts_created_at_idx
-- DROP INDEX "public"."posts_created_at_idx";
