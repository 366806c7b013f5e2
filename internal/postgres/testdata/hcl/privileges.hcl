schema "app" {
}

schema "public" {
}

enum "mood" {
  schema = schema.app
  values = ["sad", "ok"]
}

domain "short" {
  schema = schema.app
  type   = text
  null   = true
}

composite "pair" {
  schema = schema.app
  field "a" {
    type = integer
  }
  field "b" {
    type = text
  }
}

range "span" {
  schema  = schema.app
  subtype = double_precision
}

sequence "ticket" {
  schema = schema.app
}

sequence "users_id_seq" {
  schema = schema.app
  type   = integer
  owner  = table.app.users.column.id
}

function "f(integer)" {
  schema = schema.app
  name   = "f"
  lang   = SQL
  return = integer
  as     = "SELECT 1"
  arg "a" {
    type = integer
  }
}

function "f(text, app.mood)" {
  schema = schema.app
  name   = "f"
  lang   = SQL
  return = integer
  as     = "SELECT 1"
  arg "a" {
    type = text
  }
  arg "b" {
    type = enum.mood
  }
}

procedure "p" {
  schema = schema.app
  lang   = SQL
  as     = "SELECT 1"
}

aggregate "agg" {
  schema     = schema.app
  state_func = "int4pl"
  state_type = integer
  arg {
    type = integer
  }
}

partition "part" {
  schema = schema.app
  of     = table.parts
}

table "parts" {
  schema = schema.app
  column "id" {
    type = integer
    null = true
  }
  column "at" {
    type = date
  }
  partition {
    type    = RANGE
    columns = [column.at]
  }
}

table "app" "users" {
  schema = schema.app
  column "id" {
    type    = integer
    default = sql("nextval('app.users_id_seq'::regclass)")
  }
  column "other" {
    type = serial
  }
  column "name" {
    type = text
  }
  column "mail" {
    type = text
    null = true
  }
  primary_key {
    columns = [column.id]
  }
}

table "public" "users" {
  schema = schema.public
  column "id" {
    type = integer
    null = true
  }
}

foreign_data_wrapper "schemactl_rt_wrapper" {
}

server "schemactl_rt_server" {
  fdw = foreign_data_wrapper.schemactl_rt_wrapper
}

foreign_table "ft" {
  schema = schema.app
  server = server.schemactl_rt_server
  column "a" {
    type = integer
    null = true
  }
  column "b" {
    type = integer
    null = true
  }
}

view "v" {
  schema = schema.app
  as     = <<-SQL
    SELECT id,
        name
       FROM app.users
  SQL
}

materialized "mv" {
  schema = schema.app
  as     = "SELECT 1 AS one"
}

permission {
  for        = foreign_data_wrapper.schemactl_rt_wrapper
  to         = "schemactl_rt_writer"
  privileges = [USAGE]
}

permission {
  for        = schema.app
  to         = "schemactl_rt_reader"
  privileges = [USAGE]
}

permission {
  for        = schema.app
  to         = "schemactl_rt_writer"
  privileges = [USAGE]
}

permission {
  for        = schema.app
  to         = "schemactl_rt_writer"
  privileges = [CREATE]
  grantable  = true
}

permission {
  for        = schema.public
  to         = "Odd \"role\""
  privileges = [CREATE]
}

permission {
  for        = server.schemactl_rt_server
  to         = "schemactl_rt_writer"
  privileges = [USAGE]
}

permission {
  for        = aggregate.agg
  to         = PUBLIC
  privileges = []
}

permission {
  for        = composite.pair
  to         = PUBLIC
  privileges = []
}

permission {
  for        = domain.short
  to         = PUBLIC
  privileges = []
}

permission {
  for        = enum.mood
  to         = PUBLIC
  privileges = []
}

permission {
  for        = enum.mood
  to         = "schemactl_rt_reader"
  privileges = [USAGE]
}

permission {
  for        = foreign_table.ft
  to         = "schemactl_rt_reader"
  privileges = [SELECT]
}

permission {
  for        = function["f(integer)"]
  to         = PUBLIC
  privileges = []
}

permission {
  for        = function["f(integer)"]
  to         = "schemactl_rt_reader"
  privileges = [EXECUTE]
  grantable  = true
}

permission {
  for        = function["f(text, app.mood)"]
  to         = PUBLIC
  privileges = []
}

permission {
  for        = function["f(text, app.mood)"]
  to         = "schemactl_rt_writer"
  privileges = [EXECUTE]
}

permission {
  for        = materialized.mv
  to         = "schemactl_rt_reader"
  privileges = [SELECT]
}

permission {
  for        = procedure.p
  to         = PUBLIC
  privileges = []
}

permission {
  for        = range.span
  to         = "schemactl_rt_reader"
  privileges = [USAGE]
}

permission {
  for        = sequence.ticket
  to         = "schemactl_rt_reader"
  privileges = [SELECT, USAGE]
}

permission {
  for        = sequence.users_id_seq
  to         = "schemactl_rt_reader"
  privileges = [USAGE]
}

permission {
  for        = partition.part
  to         = "schemactl_rt_reader"
  privileges = [SELECT]
}

permission {
  for        = table.app.users
  to         = OWNER
  privileges = [DELETE, INSERT, MAINTAIN, REFERENCES, SELECT, TRIGGER, UPDATE]
}

permission {
  for        = table.app.users
  to         = PUBLIC
  privileges = [SELECT]
}

permission {
  for        = table.app.users
  to         = "schemactl_rt_writer"
  privileges = [INSERT, SELECT, UPDATE]
}

permission {
  for        = table.app.users
  to         = "schemactl_rt_writer"
  privileges = [DELETE]
  grantable  = true
}

permission {
  for        = view.v
  to         = "schemactl_rt_reader"
  privileges = [SELECT]
}

permission {
  for        = foreign_table.ft.column.b
  to         = "schemactl_rt_reader"
  privileges = [UPDATE]
}

permission {
  for        = partition.part
  columns    = ["id"]
  to         = "schemactl_rt_reader"
  privileges = [UPDATE]
}

permission {
  for        = table.app.users.column.mail
  to         = "schemactl_rt_reader"
  privileges = [UPDATE]
}

permission {
  for        = table.app.users.column.name
  to         = "schemactl_rt_reader"
  privileges = [SELECT, UPDATE]
}

permission {
  for        = table.app.users.column.name
  to         = "schemactl_rt_reader"
  privileges = [INSERT]
  grantable  = true
}

permission {
  for        = view.v
  columns    = ["name"]
  to         = "schemactl_rt_reader"
  privileges = [UPDATE]
}

permission {
  for        = table.public.users
  to         = "schemactl_rt_writer"
  privileges = [DELETE, INSERT, MAINTAIN, REFERENCES, SELECT, TRIGGER, TRUNCATE, UPDATE]
}

default_permission {
  for        = FUNCTIONS
  to         = PUBLIC
  privileges = []
}

default_permission {
  for        = SCHEMAS
  by         = "schemactl_rt_writer"
  to         = PUBLIC
  privileges = [CREATE]
}

default_permission {
  for        = TABLES
  to         = "schemactl_rt_reader"
  privileges = [SELECT]
}

default_permission {
  for        = TABLES
  by         = "schemactl_rt_writer"
  to         = "schemactl_rt_reader"
  privileges = [INSERT, UPDATE]
}

default_permission {
  for        = TABLES
  by         = "schemactl_rt_writer"
  to         = OWNER
  privileges = [DELETE, INSERT, MAINTAIN, REFERENCES, SELECT, TRIGGER, UPDATE]
}

default_permission {
  for        = TYPES
  by         = "schemactl_rt_writer"
  to         = PUBLIC
  privileges = []
}

default_permission {
  for        = SEQUENCES
  in         = schema.app
  to         = "schemactl_rt_reader"
  privileges = [USAGE]
  grantable  = true
}
