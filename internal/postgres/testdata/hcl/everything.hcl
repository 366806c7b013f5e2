schema "app" {
  comment = "the app"
}

schema "public" {
  comment = ""
}

enum "app" "mood" {
  schema  = schema.app
  values  = ["sad", "ok", "it's \"fine\""]
  comment = "how one feels"
}

enum "public" "mood" {
  schema = schema.public
  values = ["up", "down"]
}

sequence "down" {
  schema    = schema.app
  increment = -1
}

sequence "plain" {
  schema  = schema.app
  comment = "a plain one"
}

sequence "ticket" {
  schema    = schema.app
  type      = integer
  start     = 100
  increment = 5
  min_value = 10
  max_value = 1000
  cache     = 7
  cycle     = true
  owner     = table.app.users.column.minus
}

table "Weird Table" {
  schema           = schema.app
  replica_identity = FULL
  column "Id" {
    type = integer
    identity {
      generated = BY_DEFAULT
      start     = 5
      increment = 2
      min_value = 3
      max_value = 99
      cache     = 4
      cycle     = true
    }
  }
  column "user_id" {
    type = bigint
  }
  column "a" {
    type = integer
    null = true
  }
  column "b" {
    type = integer
    null = true
  }
  primary_key "weird_pk" {
    columns = [column.Id]
    include = [column.a]
  }
  check "late" {
    expr      = "a > b"
    not_valid = true
  }
  foreign_key "late_fk" {
    columns     = [column.b]
    ref_columns = [table.public.users.column.id]
    not_valid   = true
  }
  foreign_key "weird_other" {
    columns     = [column.b]
    ref_columns = [table.public.users.column.id]
    on_delete   = CASCADE
  }
  foreign_key "weird_self" {
    columns     = [column.a]
    ref_columns = [column.Id]
    on_delete   = SET_NULL
  }
  foreign_key "weird_user" {
    columns     = [column.user_id]
    ref_columns = [table.app.users.column.id]
    on_update   = RESTRICT
    on_delete   = SET_DEFAULT
    match       = FULL
    deferrable  = INITIALLY_IMMEDIATE
  }
  row_security {
    enabled  = true
    enforced = true
  }
}

table "base" {
  schema = schema.app
  column "id" {
    type = integer
  }
  column "note" {
    type = text
    null = true
  }
  primary_key {
    columns = [column.id]
  }
  check "base_note_check" {
    expr = "note <> ''::text"
  }
}

table "bookings" {
  schema = schema.app
  column "room" {
    type = integer
    null = true
  }
  column "during" {
    type = tsrange
    null = true
  }
  column "Kind" {
    type = text
    null = true
  }
  exclude "bookings_during_excl" {
    type  = GIST
    where = "room > 3"
    on {
      column = column.during
      op     = "&&"
    }
  }
  exclude "classes" {
    definition = "EXCLUDE USING btree (\"Kind\" text_pattern_ops WITH =)"
  }
  exclude "no_twice" {
    deferrable = INITIALLY_IMMEDIATE
    on {
      column = column.room
      op     = "="
    }
    on {
      column = column.Kind
      op     = "="
    }
  }
  exclude "ops" {
    type = GIST
    on {
      expr = "box(point((room)::double precision, (1)::double precision), point((1)::double precision, (2)::double precision))"
      op   = "&&"
    }
    on {
      expr = "during * during"
      op   = "&&"
    }
  }
}

table "cache" {
  schema   = schema.app
  unlogged = true
  column "k" {
    type = text
  }
  column "v" {
    type = bytea
    null = true
  }
  primary_key {
    columns = [column.k]
  }
  storage_params {
    fillfactor         = 50
    autovacuum_enabled = false
  }
}

table "derived" {
  schema   = schema.app
  inherits = [table.base]
  column "extra" {
    type = integer
    null = true
  }
  index "derived_note_idx" {
    columns = ["note"]
  }
}

table "empty" {
  schema = schema.app
}

table "events" {
  schema = schema.app
  column "id" {
    type = bigint
  }
  column "at" {
    type = timestamptz
  }
  column "kind" {
    type    = text
    default = "x"
  }
  primary_key {
    columns = [column.id, column.at, column.kind]
  }
  index "events_kind_idx" {
    columns = [column.kind]
  }
  partition {
    type    = RANGE
    columns = [column.at]
  }
}

partition "events_2025" {
  schema  = schema.app
  of      = table.events
  comment = "one year"
  check "only_this" {
    expr = "kind <> 'q'::text"
  }
  index "events_2025_kind" {
    on {
      column = table.events.column.kind
      desc   = true
    }
  }
  range {
    from = ["'2025-01-01 00:00:00+00'"]
    to   = ["'2026-01-01 00:00:00+00'"]
  }
}

partition "events_2025_only" {
  schema = schema.app
  of     = table.only
  unique "events_2025_only_n_key" {
    columns = [table.only.column.n]
  }
  list {
    in = ["'1'", "'2'"]
  }
}

partition "events_ab" {
  schema = schema.app
  of     = partition.events_rest
  list {
    in = ["'a'", "'b, c'''"]
  }
}

partition "events_rest" {
  schema = schema.app
  of     = table.events
  partition {
    type    = LIST
    columns = [table.events.column.kind]
  }
}

table "only" {
  schema = schema.app
  column "n" {
    type = bigint
    null = true
  }
  partition {
    type    = LIST
    columns = [column.n]
  }
}

table "points" {
  schema = schema.app
  column "event_id" {
    type = bigint
    null = true
  }
  column "event_at" {
    type = timestamptz
    null = true
  }
  column "kind" {
    type = text
    null = true
  }
  column "part" {
    type = bigint
    null = true
  }
  foreign_key "points_event_id_event_at_kind_fkey" {
    columns     = [column.event_id, column.event_at, column.kind]
    ref_columns = [table.events.column.id, table.events.column.at, table.events.column.kind]
  }
  foreign_key "points_part_fkey" {
    columns     = [column.part]
    ref_table   = partition.events_2025_only
    ref_columns = [table.only.column.n]
  }
}

table "ranged" {
  schema = schema.app
  column "a" {
    type = integer
    null = true
  }
  column "b" {
    type = text
    null = true
  }
  partition {
    type = RANGE
    by {
      expr = "a + 1"
    }
    by {
      column  = column.b
      collate = "C"
      ops     = "text_pattern_ops"
    }
  }
}

partition "ranged_low" {
  schema = schema.app
  of     = table.ranged
  range {
    from = [MINVALUE, MINVALUE]
    to   = [10, "'m'"]
  }
}

table "replicated" {
  schema           = schema.app
  replica_identity = index["By C"]
  column "a" {
    type = integer
  }
  column "b" {
    type = character_varying(10)
    null = true
  }
  column "C" {
    type = integer
  }
  check "replicated_b_check" {
    expr = "(b)::text = ANY ((ARRAY['x'::character varying, 'y'::character varying])::text[])"
  }
  index "By C" {
    unique  = true
    columns = [column.C]
  }
  index "clustered" {
    columns   = [column.a]
    clustered = true
  }
}

table "replicated_by_key" {
  schema           = schema.app
  replica_identity = primary_key
  column "a" {
    type = integer
  }
  primary_key {
    columns = [column.a]
  }
  index_settings "replicated_by_key_pkey" {
    clustered = true
  }
}

table "spread" {
  schema = schema.app
  column "id" {
    type = integer
    null = true
  }
  column "name" {
    type = text
    null = true
  }
  partition {
    type = HASH
    by {
      column = column.id
    }
    by {
      expr = "lower(name)"
    }
  }
}

partition "spread_0" {
  schema = schema.app
  of     = table.spread
  hash {
    modulus   = 2
    remainder = 0
  }
}

partition "spread_1" {
  schema = schema.app
  of     = table.spread
  hash {
    modulus   = 2
    remainder = 1
  }
}

table "app" "users" {
  schema  = schema.app
  comment = "all users\nof the app"
  column "id" {
    type = bigint
    identity {
      generated = ALWAYS
    }
  }
  column "email" {
    type       = character_varying(255)
    statistics = 500
    comment    = "to log in with\n"
  }
  column "nick" {
    type    = text
    null    = true
    collate = "C"
    storage = EXTERNAL
    default = "it's"
  }
  column "feels" {
    type    = enum.app.mood
    default = "ok"
  }
  column "other" {
    type = enum.public.mood
    null = true
  }
  column "moods" {
    type    = sql("app.mood[]")
    default = "{}"
  }
  column "tags" {
    type    = sql("text[]")
    null    = true
    default = "{a,b}"
  }
  column "amount" {
    type    = numeric(10, 2)
    null    = true
    default = 0
  }
  column "whole" {
    type = numeric(8)
    null = true
  }
  column "plain" {
    type    = numeric
    null    = true
    default = 1.5
  }
  column "minus" {
    type    = integer
    null    = true
    default = -1
  }
  column "minus8" {
    type    = bigint
    null    = true
    default = "-5000000000"
  }
  column "flag" {
    type    = boolean
    default = true
  }
  column "at" {
    type    = timestamptz
    default = sql("now()")
  }
  column "at3" {
    type    = timestamp(3)
    null    = true
    default = "2020-01-01 00:00:00"
  }
  column "at6" {
    type = sql("timestamp(6) with time zone")
    null = true
  }
  column "t" {
    type = time(2)
    null = true
  }
  column "ttz" {
    type = timetz
    null = true
  }
  column "iv" {
    type = year_to_month
    null = true
  }
  column "iv2" {
    type    = interval(3)
    null    = true
    default = sql("'01:00:00'::interval(3)")
  }
  column "code" {
    type    = character(3)
    null    = true
    default = sql("'abc'::bpchar")
  }
  column "b1" {
    type = sql("bit(1)")
    null = true
  }
  column "b4" {
    type    = bit(4)
    null    = true
    default = sql("'0101'::\"bit\"")
  }
  column "bv" {
    type = bit_varying(5)
    null = true
  }
  column "char" {
    type = sql("\"char\"")
    null = true
  }
  column "nm" {
    type = name
    null = true
  }
  column "j" {
    type = json
    null = true
  }
  column "jb" {
    type    = jsonb
    null    = true
    default = "{\"a\": 1}"
  }
  column "u" {
    type = uuid
    null = true
  }
  column "m" {
    type = money
    null = true
  }
  column "x" {
    type = xml
    null = true
  }
  column "ip" {
    type = inet
    null = true
  }
  column "net" {
    type = cidr
    null = true
  }
  column "mac" {
    type = macaddr
    null = true
  }
  column "mac8" {
    type = macaddr8
    null = true
  }
  column "p" {
    type = point
    null = true
  }
  column "poly" {
    type = polygon
    null = true
  }
  column "by" {
    type    = bytea
    null    = true
    default = sql("'\\x00ff'::bytea")
  }
  column "r" {
    type = int4range
    null = true
  }
  column "mr" {
    type = int4multirange
    null = true
  }
  column "tsv" {
    type = tsvector
    null = true
  }
  column "o" {
    type = oid
    null = true
  }
  column "d" {
    type    = date
    null    = true
    default = sql("CURRENT_DATE")
  }
  column "f" {
    type = real
    null = true
  }
  column "dp" {
    type    = double_precision
    null    = true
    default = 0.25
  }
  column "lines" {
    type    = text
    null    = true
    default = "two\nlines"
  }
  column "back" {
    type    = text
    null    = true
    default = sql("'a\\b'::text")
  }
  column "dollar" {
    type    = text
    null    = true
    default = "$${x} %%{y}"
  }
  column "full_name" {
    type = text
    null = true
    as {
      expr = <<-SQL
        upper(nick) ||
        CASE
            WHEN flag THEN '!'::text
            ELSE '?'::text
        END
      SQL
      type = STORED
    }
  }
  primary_key {
    columns = [column.id]
    comment = "the key"
  }
  unique "users_email_key" {
    columns    = [column.email]
    deferrable = INITIALLY_DEFERRED
  }
  check "Odd \"name\" $${x}" {
    expr = "(nick <> ''::text) AND (flag OR (minus > 0))"
  }
  check "amount_positive" {
    expr       = "amount >= (0)::numeric"
    no_inherit = true
    comment    = "no debts"
  }
  index "users_at_idx" {
    where   = "flag AND (at > '2020-01-01 00:00:00+00'::timestamp with time zone)"
    comment = "an index"
    on {
      column = column.at
      desc   = true
    }
    on {
      column      = column.nick
      nulls_first = true
      ops         = text_pattern_ops
      collate     = "POSIX"
    }
    on {
      expr = "lower((email)::text)"
    }
  }
  index "users_brin_idx" {
    columns = [column.at]
    type    = BRIN
    storage_params {
      pages_per_range = 16
    }
  }
  index "users_expr_idx" {
    on {
      expr       = "minus + 1"
      desc       = true
      nulls_last = true
    }
    on {
      expr = "COALESCE(nick, 'x'::text)"
    }
  }
  index "users_flag_idx" {
    unique  = true
    columns = [column.flag]
    where   = "flag"
  }
  index "users_hash_idx" {
    columns = [column.u]
    type    = HASH
  }
  index "users_jb_idx" {
    type = GIN
    on {
      column = column.jb
      ops    = jsonb_path_ops
    }
    on {
      column = column.tags
    }
    storage_params {
      fastupdate = "off"
    }
  }
  index "users_nick_idx" {
    unique  = true
    include = [column.at, column.flag]
    on {
      expr = "lower(nick)"
    }
    storage_params {
      fillfactor = 70
    }
  }
}

table "public" "users" {
  schema = schema.public
  column "id" {
    type = serial
  }
  column "small" {
    type = smallserial
  }
  column "big" {
    type    = bigserial
    comment = "counts"
  }
  column "Order" {
    type = integer
    null = true
  }
  column "user" {
    type = integer
    null = true
  }
  column "a.b c\"d" {
    type = integer
  }
  column "n" {
    type    = integer
    null    = true
    default = sql("nextval('app.plain'::regclass)")
  }
  column "parent" {
    type = integer
    null = true
  }
  primary_key {
    columns = [column.id]
  }
  foreign_key "users_parent_fkey" {
    columns     = [column.parent]
    ref_columns = [column.id]
  }
}
