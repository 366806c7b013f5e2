schema "public" {
}

table "bookings" {
  schema = schema.public
  column "room" {
    type = int4range
    null = true
  }
  column "during" {
    type = daterange
    null = true
  }
  check "positive" {
    expr       = "NOT isempty(room)"
    no_inherit = true
    enforced   = false
  }
  foreign_key "loose" {
    columns     = [column.room, column.during]
    period      = true
    ref_columns = [table.rooms.column.id, table.rooms.column.during]
    enforced    = false
  }
  foreign_key "of_room" {
    columns     = [column.room, column.during]
    period      = true
    ref_columns = [table.rooms.column.id, table.rooms.column.during]
  }
}

table "f" {
  schema = schema.public
  column "x" {
    type = integer
  }
  column "y" {
    type = integer
  }
  primary_key {
    columns = [column.x, column.y]
  }
}

table "filled" {
  schema = schema.public
  column "id" {
    type = integer
    not_null {
      name = "Key is there"
    }
  }
  column "a" {
    type = integer
    not_null {
      name       = "a_there"
      no_inherit = true
    }
  }
  column "b" {
    type = integer
    not_null {
      no_inherit = true
    }
  }
  column "c" {
    type = integer
    not_null {
      name      = "c_there"
      not_valid = true
    }
  }
  column "d" {
    type = text
  }
  primary_key {
    columns = [column.id]
  }
}

table "g" {
  schema = schema.public
  column "x" {
    type = integer
    null = true
  }
  column "y" {
    type = integer
    null = true
  }
  foreign_key "g_x_y_fkey" {
    columns           = [column.x, column.y]
    ref_columns       = [table.f.column.x, table.f.column.y]
    on_delete         = SET_NULL
    on_delete_columns = [column.y]
  }
}

table "rooms" {
  schema = schema.public
  column "id" {
    type = int4range
  }
  column "during" {
    type = daterange
  }
  column "name" {
    type = tsrange
    null = true
  }
  primary_key {
    columns          = [column.id, column.during]
    without_overlaps = true
  }
  unique "rooms_name" {
    columns          = [column.name, column.during]
    without_overlaps = true
  }
}

table "serials" {
  schema = schema.public
  column "id" {
    type = bigserial
  }
  column "n" {
    type = integer
  }
  primary_key {
    columns = [column.id]
  }
}

table "t" {
  schema = schema.public
  column "a" {
    type = integer
    null = true
  }
  column "b" {
    type = integer
    null = true
  }
  column "v" {
    type = integer
    null = true
    as {
      expr = "a + b"
      type = VIRTUAL
    }
  }
  column "z" {
    type        = text
    null        = true
    storage     = MAIN
    compression = pglz
  }
  column "during" {
    type = daterange
    null = true
  }
  unique "u" {
    columns        = [column.a]
    nulls_distinct = false
  }
  check "c" {
    expr     = "a > 0"
    enforced = false
  }
  index "nd" {
    unique         = true
    columns        = [column.b]
    nulls_distinct = false
  }
}

view "invoked" {
  schema = schema.public
  as     = <<-SQL
    SELECT room
       FROM public.bookings
  SQL
  security {
    invoker = true
  }
}
