# The living example: users write posts, log in with sessions and hold roles.
# `schemactl plan` compares it with a database, `schemactl apply` brings the
# database to it.

schema "public" {
  comment = "standard public schema"
}

# Who can log in.
table "users" {
  schema = schema.public
  column "id" {
    type    = uuid
    default = sql("gen_random_uuid()")
  }
  column "email" {
    type = varchar(255)
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

# What users write. A post goes with its author.
table "posts" {
  schema = schema.public
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
    type    = varchar(20)
    default = "draft"
  }
  column "created_at" {
    type    = timestamptz
    default = sql("now()")
  }
  column "updated_at" {
    type    = timestamptz
    default = sql("now()")
  }
  primary_key {
    columns = [column.id]
  }
  foreign_key "posts_user_id_fkey" {
    columns     = [column.user_id]
    ref_columns = [table.users.column.id]
    on_delete   = CASCADE
  }
  check "posts_status_check" {
    expr = "status IN ('draft', 'published', 'archived')"
  }
  index "posts_user_id_idx" {
    columns = [column.user_id]
  }
  # The front page shows the newest posts first.
  index "posts_created_at_idx" {
    on {
      column = column.created_at
      desc   = true
    }
  }
}

# Who is logged in, and until when.
table "sessions" {
  schema = schema.public
  column "id" {
    type    = uuid
    default = sql("gen_random_uuid()")
  }
  column "user_id" {
    type = uuid
  }
  column "token" {
    type = varchar(255)
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
}

# What a user may do.
table "roles" {
  schema = schema.public
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

# Which user holds which role. A role that somebody holds cannot be deleted.
table "user_roles" {
  schema = schema.public
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
