-- Create table public.roles
CREATE TABLE "public"."roles" (
  "id" bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  "name" character varying(50) NOT NULL,
  PRIMARY KEY ("id"),
  CONSTRAINT "roles_name_key" UNIQUE ("name")
);
-- Create table public.user_roles
CREATE TABLE "public"."user_roles" (
  "user_id" uuid NOT NULL,
  "role_id" bigint NOT NULL,
  PRIMARY KEY ("user_id", "role_id"),
  CONSTRAINT "user_roles_role_id_fkey" FOREIGN KEY ("role_id") REFERENCES "public"."roles" ("id") ON DELETE RESTRICT,
  CONSTRAINT "user_roles_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "public"."users" ("id") ON DELETE CASCADE
);
-- Create index public.user_roles.user_roles_role_id_idx
CREATE INDEX "user_roles_role_id_idx" ON "public"."user_roles" ("role_id");

-- atlas:down
-- -- Drop table public.user_roles
-- -- LOSES every row of table public.user_roles
-- DROP TABLE "public"."user_roles";
-- -- Drop table public.roles
-- -- LOSES every row of table public.roles
-- DROP TABLE "public"."roles";
