schema "app" {
}

schema "public" {
}

enum "mood" {
  schema = schema.app
  values = ["sad", "ok"]
}

sequence "ticket" {
  schema = schema.app
}

sequence "users_id_seq" {
  schema = schema.app
  type   = integer
  owner  = table.app.users.column.id
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
