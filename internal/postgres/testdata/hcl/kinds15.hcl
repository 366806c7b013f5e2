schema "more" {
}

schema "public" {
}

partition "part_1" {
  schema = schema.public
  of     = table.parted
  range {
    from = ["'2024-01-01'"]
    to   = ["'2025-01-01'"]
  }
}

table "parted" {
  schema = schema.public
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

table "t" {
  schema = schema.public
  column "id" {
    type = integer
  }
  column "a" {
    type = integer
    null = true
  }
  column "B" {
    type = integer
    null = true
  }
  column "secret" {
    type = text
    null = true
  }
  primary_key {
    columns = [column.id]
  }
}

publication "by_schema" {
  schemas = [schema.more, schema.public]
}

publication "filtered" {
  publish = [insert]
  tables  = [table.parted]
  filter {
    of      = partition.part_1
    columns = ["at"]
  }
  filter {
    of      = table.t
    columns = [table.t.column.id, table.t.column.B]
    where   = "(id > 5) AND (a IS NOT NULL)"
  }
}
