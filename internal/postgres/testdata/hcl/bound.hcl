schema "app" {
}

enum "mood" {
  schema = schema.app
  values = ["sad", "ok"]
}

table "posts" {
  schema = schema.app
  column "id" {
    type = integer
  }
  column "user_id" {
    type = bigint
    null = true
  }
  column "n" {
    type = integer
    null = true
  }
  primary_key {
    columns = [column.id]
  }
  check "posts_n_check" {
    expr = "n > 0"
  }
  foreign_key "posts_user_id_fkey" {
    columns     = [column.user_id]
    ref_columns = [table.users.column.id]
  }
}

table "users" {
  schema = schema.app
  column "id" {
    type = bigserial
  }
  column "feels" {
    type    = enum.mood
    default = "ok"
  }
  column "moods" {
    type = sql("app.mood[]")
    null = true
  }
  primary_key {
    columns = [column.id]
  }
}
