schema "public" {
}

schema "s" {
  owner = role.staff
}

role "Odd \"role\"" {
  superuser   = true
  replication = true
  bypass_rls  = true
  member_of   = [role.staff]
}

role "app" {
  login       = true
  conn_limit  = 3
  valid_until = "2035-01-01 10:00:00+00"
  comment     = "it's the app"
  membership {
    role  = role.staff
    admin = true
  }
}

role "staff" {
  inherit     = false
  create_db   = true
  create_role = true
  member_of   = ["pg_read_all_data"]
}

enum "e" {
  schema = schema.s
  values = ["a"]
  owner  = role.app
}

sequence "q" {
  schema = schema.s
  owner  = role["Odd \"role\""]
}

table "mine" {
  schema = schema.s
  column "id" {
    type = integer
    null = true
  }
}

table "t" {
  schema = schema.s
  owner  = role.app
  column "id" {
    type = serial
  }
  column "a" {
    type = integer
    null = true
  }
}

permission {
  for        = table.t
  to         = role.staff
  privileges = [SELECT]
}

default_permission {
  for        = TABLES
  by         = role.app
  to         = role.staff
  privileges = [SELECT]
}
