schema "public" {
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
    definition = "FOREIGN KEY (x, y) REFERENCES public.f(x, y) ON DELETE SET NULL (y)"
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
    definition = "CHECK ((a > 0)) NOT ENFORCED"
  }
  index "nd" {
    unique         = true
    columns        = [column.b]
    nulls_distinct = false
  }
}
