# The living example for MySQL and MariaDB: users with their posts and sessions, and the roles that they have. A trigger
# keeps addresses comparable, and a view shows what readers see.

schema "example" {
  charset = "utf8mb4"
}

table "users" {
  schema  = schema.example
  comment = "people who log in"
  column "id" {
    type = char(36)
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
    type    = datetime
    default = sql("CURRENT_TIMESTAMP")
  }
  column "updated_at" {
    type      = datetime
    default   = sql("CURRENT_TIMESTAMP")
    on_update = sql("CURRENT_TIMESTAMP")
  }
  primary_key {
    columns = [column.id]
  }
  index "users_email_key" {
    unique  = true
    columns = [column.email]
  }
  index "users_created_at_idx" {
    columns = [column.created_at]
  }
}

table "posts" {
  schema  = schema.example
  comment = "what users write"
  column "id" {
    type = char(36)
  }
  column "user_id" {
    type = char(36)
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
    type    = datetime
    default = sql("CURRENT_TIMESTAMP")
  }
  column "updated_at" {
    type      = datetime
    default   = sql("CURRENT_TIMESTAMP")
    on_update = sql("CURRENT_TIMESTAMP")
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
  index "posts_created_at_idx" {
    comment = "the front page shows the newest posts first"
    on {
      column = column.created_at
      desc   = true
    }
  }
}

table "sessions" {
  schema  = schema.example
  comment = "who is logged in, and until when"
  column "id" {
    type = char(36)
  }
  column "user_id" {
    type = char(36)
  }
  column "token" {
    type    = varchar(255)
    comment = "what the browser sends"
  }
  column "expires_at" {
    type = datetime
  }
  column "created_at" {
    type    = datetime
    default = sql("CURRENT_TIMESTAMP")
  }
  primary_key {
    columns = [column.id]
  }
  foreign_key "sessions_user_id_fkey" {
    columns     = [column.user_id]
    ref_columns = [table.users.column.id]
    on_delete   = CASCADE
  }
  index "sessions_token_key" {
    unique  = true
    columns = [column.token]
  }
  index "sessions_user_id_idx" {
    columns = [column.user_id]
  }
}

table "roles" {
  schema  = schema.example
  comment = "what a user may be"
  column "id" {
    type           = bigint
    unsigned       = true
    auto_increment = true
  }
  column "name" {
    type = varchar(50)
  }
  primary_key {
    columns = [column.id]
  }
  index "roles_name_key" {
    unique  = true
    columns = [column.name]
  }
}

table "user_roles" {
  schema  = schema.example
  comment = "the roles of each user"
  column "user_id" {
    type = char(36)
  }
  column "role_id" {
    type     = bigint
    unsigned = true
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

trigger "users_lower_email" {
  on = table.users
  as = "SET NEW.email = LOWER(NEW.email)"
  before {
    insert = true
  }
}

view "published_posts" {
  schema = schema.example
  as     = <<-SQL
    SELECT p.id, p.title, p.body, u.email AS author, p.created_at
    FROM posts p
    JOIN users u ON u.id = p.user_id
    WHERE p.status = 'published'
  SQL
}
