# The living example: users write posts, log in with sessions and hold roles.
# A trigger keeps updated_at, a view shows what readers see, and a policy keeps
# the sessions of users apart.
# `schemactl plan` compares it with a database, `schemactl apply` brings the
# database to it.

schema "public" {
  comment = "standard public schema"
}

enum "post_status" {
  schema  = schema.public
  values  = ["draft", "published", "archived"]
  comment = "where a post is in its life"
}

table "users" {
  schema  = schema.public
  comment = "who can log in"
  column "id" {
    type    = uuid
    default = sql("gen_random_uuid()")
  }
  column "email" {
    type    = varchar(255)
    comment = "unique; what people log in with"
  }
  column "password_hash" {
    type    = varchar(255)
    comment = "a salted hash; never the password itself"
  }
  column "created_at" {
    type    = timestamptz
    default = sql("now()")
  }
  column "updated_at" {
    type    = timestamptz
    default = sql("now()")
    comment = "kept by the trigger"
  }
  primary_key {
    columns = [column.id]
  }
  unique "users_email_key" {
    columns = [column.email]
  }
  index "users_created_at_idx" {
    columns = [column.created_at]
  }
}

table "posts" {
  schema  = schema.public
  comment = "what users write; a post goes with its author"
  column "id" {
    type    = uuid
    default = sql("gen_random_uuid()")
  }
  column "user_id" {
    type = uuid
  }
  column "title" {
    type = varchar(255)
  }
  column "body" {
    type = text
  }
  column "status" {
    type    = enum.post_status
    default = "draft"
  }
  column "created_at" {
    type    = timestamptz
    default = sql("now()")
  }
  column "updated_at" {
    type    = timestamptz
    default = sql("now()")
    comment = "kept by the trigger"
  }
  primary_key {
    columns = [column.id]
  }
  foreign_key "posts_user_id_fkey" {
    columns     = [column.user_id]
    ref_columns = [table.users.column.id]
    on_delete   = CASCADE
  }
  index "posts_user_id_idx" {
    columns = [column.user_id]
  }
  index "posts_created_at_idx" {
    comment = "the front page shows the newest posts first"
    on {
      column = column.created_at
      desc   = true
    }
  }
}

table "sessions" {
  schema  = schema.public
  comment = "who is logged in, and until when"
  column "id" {
    type    = uuid
    default = sql("gen_random_uuid()")
  }
  column "user_id" {
    type = uuid
  }
  column "token" {
    type    = varchar(255)
    comment = "what the browser sends"
  }
  column "expires_at" {
    type = timestamptz
  }
  column "created_at" {
    type    = timestamptz
    default = sql("now()")
  }
  primary_key {
    columns = [column.id]
  }
  foreign_key "sessions_user_id_fkey" {
    columns     = [column.user_id]
    ref_columns = [table.users.column.id]
    on_delete   = CASCADE
  }
  unique "sessions_token_key" {
    columns = [column.token]
  }
  index "sessions_user_id_idx" {
    columns = [column.user_id]
  }
  row_security {
    enabled = true
  }
}

table "roles" {
  schema  = schema.public
  comment = "what a user may be"
  column "id" {
    type = bigint
    identity {
      generated = ALWAYS
    }
  }
  column "name" {
    type = varchar(50)
  }
  primary_key {
    columns = [column.id]
  }
  unique "roles_name_key" {
    columns = [column.name]
  }
}

table "user_roles" {
  schema  = schema.public
  comment = "who holds which role; a role that somebody holds cannot be deleted"
  column "user_id" {
    type = uuid
  }
  column "role_id" {
    type = bigint
  }
  primary_key {
    columns = [column.user_id, column.role_id]
  }
  foreign_key "user_roles_user_id_fkey" {
    columns     = [column.user_id]
    ref_columns = [table.users.column.id]
    on_delete   = CASCADE
  }
  foreign_key "user_roles_role_id_fkey" {
    columns     = [column.role_id]
    ref_columns = [table.roles.column.id]
    on_delete   = RESTRICT
  }
  index "user_roles_role_id_idx" {
    columns = [column.role_id]
  }
}

function "set_updated_at" {
  schema  = schema.public
  lang    = PLpgSQL
  return  = trigger
  comment = "notes when a row was changed last"
  as      = <<-SQL
    BEGIN
      NEW.updated_at := now();
      RETURN NEW;
    END
  SQL
}

trigger "set_updated_at" {
  on      = table.users
  for     = ROW
  comment = "keeps users.updated_at"
  before {
    update = true
  }
  execute {
    function = function.set_updated_at
  }
}

trigger "set_updated_at" {
  on      = table.posts
  for     = ROW
  comment = "keeps posts.updated_at"
  before {
    update = true
  }
  execute {
    function = function.set_updated_at
  }
}

view "published_posts" {
  schema  = schema.public
  comment = "what readers see"
  as      = <<-SQL
    SELECT p.id, p.title, p.body, u.email AS author, p.created_at
    FROM posts p
    JOIN users u ON u.id = p.user_id
    WHERE p.status = 'published'
  SQL
  column "author" {
    comment = "the address of who wrote it"
  }
}

policy "own_sessions" {
  on      = table.sessions
  using   = "user_id::text = current_setting('app.user_id', true)"
  comment = "everybody but the owner sees the sessions of one user: SET app.user_id"
}
