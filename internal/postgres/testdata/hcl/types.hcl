schema "Odd Schema" {
}

schema "app" {
}

schema "public" {
}

extension "citext" {
  schema  = schema.app
  comment = "texts without case"
}

extension "postgres_fdw" {
  schema  = schema.app
  comment = "foreign-data wrapper for remote PostgreSQL servers"
}

collation "german" {
  schema        = schema.app
  provider      = icu
  locale        = "de-DE"
  deterministic = false
  comment       = "umlauts"
}

collation "plain" {
  schema     = schema.app
  lc_collate = "C"
  lc_ctype   = "POSIX"
}

enum "blank" {
  schema = schema.app
  values = [""]
}

enum "mood" {
  schema = schema.app
  values = ["low", "high"]
}

domain "email" {
  schema  = schema.app
  type    = text
  default = "a@b"
  collate = collation.german
  comment = "an address"
  check "has_at" {
    expr    = "VALUE ~ '@'::text"
    comment = "it has an @"
  }
  check "short" {
    expr = "length(VALUE) < 100"
  }
}

domain "moods" {
  schema = schema.app
  type   = sql("app.mood[]")
  null   = true
}

domain "small" {
  schema  = schema.app
  type    = integer
  null    = true
  default = 3
}

domain "smaller" {
  schema  = schema.app
  type    = domain.small
  null    = true
  default = sql("3")
  check "tiny" {
    expr      = "(VALUE)::integer < 3"
    not_valid = true
  }
}

composite "Odd Type" {
  schema = schema["Odd Schema"]
  field "a" {
    type = composite.address
  }
  field "m" {
    type = enum.mood
  }
}

composite "address" {
  schema  = schema.app
  comment = "where"
  field "street" {
    type    = character_varying(80)
    collate = "C"
    comment = "with its number"
  }
  field "mail" {
    type = domain.email
  }
  field "tags" {
    type = sql("text[]")
  }
  field "Odd Name" {
    type = numeric(10, 2)
  }
}

composite "nothing" {
  schema = schema.app
}

range "floatrange" {
  schema       = schema.app
  subtype      = double_precision
  subtype_diff = sql("app.span")
}

range "words" {
  schema          = schema.app
  subtype         = text
  multirange      = "many_words"
  collate         = collation.plain
  subtype_opclass = sql("pg_catalog.text_pattern_ops")
}

function "differ" {
  schema     = schema.app
  lang       = SQL
  return     = boolean
  volatility = IMMUTABLE
  as         = "SELECT $1 <> $2"
  arg {
    type = integer
  }
  arg {
    type = integer
  }
}

function "minus" {
  schema = schema.app
  lang   = SQL
  return = integer
  as     = "SELECT -1"
  arg {
    type = composite.address
  }
}

function "same" {
  schema     = schema.app
  lang       = SQL
  return     = boolean
  volatility = IMMUTABLE
  as         = "SELECT $1 = $2"
  arg {
    type = integer
  }
  arg {
    type = integer
  }
}

function "span" {
  schema     = schema.app
  lang       = SQL
  return     = double_precision
  volatility = IMMUTABLE
  as         = "SELECT x - y"
  arg "x" {
    type = double_precision
  }
  arg "y" {
    type = double_precision
  }
}

function "to_int" {
  schema = schema.app
  lang   = SQL
  return = integer
  as     = "SELECT 1"
  arg {
    type = composite.address
  }
}

function "to_small" {
  schema = schema.app
  lang   = SQL
  return = domain.small
  as     = "SELECT 1"
  arg {
    type = composite.address
  }
}

cast {
  from    = composite.address
  to      = enum.mood
  inout   = true
  context = ASSIGNMENT
}

cast {
  from     = composite.address
  to       = integer
  function = sql("app.to_int(app.address)")
  comment  = "one"
}

operator "!!(NONE, app.address)" {
  schema   = schema.app
  name     = "!!"
  function = sql("app.minus")
  right    = composite.address
}

operator "<<>>(integer, integer)" {
  schema   = schema.app
  name     = "<<>>"
  function = sql("app.differ")
  left     = integer
  right    = integer
  negator  = sql("OPERATOR(app.===)")
}

operator "===(integer, integer)" {
  schema     = schema.app
  name       = "==="
  function   = sql("app.same")
  left       = integer
  right      = integer
  commutator = sql("OPERATOR(app.===)")
  negator    = sql("OPERATOR(app.<<>>)")
  restrict   = sql("eqsel")
  join       = sql("eqjoinsel")
  hashes     = true
  merges     = true
  comment    = "the same"
}

operator_family "int_tree using btree" {
  schema = schema.app
  name   = "int_tree"
  method = "btree"
}

operator_family "ints using hash" {
  schema = schema.app
  name   = "ints"
  method = "hash"
}

operator_class "int_hash using hash" {
  schema  = schema.app
  name    = "int_hash"
  method  = "hash"
  type    = integer
  family  = operator_family["ints using hash"]
  members = ["OPERATOR 1 =(integer,integer)", "FUNCTION 1 (integer, integer) hashint4(integer)"]
}

operator_class "int_tree using btree" {
  schema = schema.app
  name   = "int_tree"
  method = "btree"
  type   = integer
  family = operator_family["int_tree using btree"]
  members = [
    "OPERATOR 1 <(integer,integer)",
    "OPERATOR 2 <=(integer,integer)",
    "OPERATOR 3 =(integer,integer)",
    "OPERATOR 4 >=(integer,integer)",
    "OPERATOR 5 >(integer,integer)",
    "FUNCTION 1 (integer, integer) btint4cmp(integer,integer)",
  ]
}

text_search_parser "parser" {
  schema   = schema.app
  start    = sql("prsd_start")
  gettoken = sql("prsd_nexttoken")
  end      = sql("prsd_end")
  lextypes = sql("prsd_lextype")
  headline = sql("prsd_headline")
}

text_search_template "simpler" {
  schema = schema.app
  init   = sql("dsimple_init")
  lexize = sql("dsimple_lexize")
}

text_search_dictionary "german_stem" {
  schema   = schema.app
  template = "pg_catalog.snowball"
  options  = "language = 'german', stopwords = 'german'"
}

text_search_configuration "search" {
  schema  = schema.app
  parser  = "pg_catalog.\"default\""
  comment = "of texts"
  mapping "asciiword" {
    dictionaries = [text_search_dictionary.german_stem, "pg_catalog.simple"]
  }
  mapping "int" {
    dictionaries = ["pg_catalog.simple"]
  }
  mapping "word" {
    dictionaries = [text_search_dictionary.german_stem, "pg_catalog.simple"]
  }
}

table "events" {
  schema = schema.app
  column "id" {
    type = integer
    null = true
  }
  column "at" {
    type = date
    null = true
  }
  column "kind" {
    type    = text
    null    = true
    default = "a"
  }
  column "note" {
    type = text
    null = true
  }
  partition {
    type    = RANGE
    columns = [column.at]
  }
}

partition "events_2024" {
  schema = schema.app
  of     = table.events
  check "lately" {
    expr = "id > 0"
  }
  range {
    from = ["'2024-01-01'"]
    to   = ["'2025-01-01'"]
  }
  override "id" {
    null = false
  }
  override "kind" {
    default = "b"
  }
}

partition "events_rest" {
  schema = schema.app
  of     = table.events
  override "kind" {
    no_default = true
  }
}

table "t" {
  schema = schema.app
  column "id" {
    type = integer
  }
  column "mail" {
    type = domain.email
    null = true
  }
  column "small" {
    type = domain.small
  }
  column "moods" {
    type = domain.moods
    null = true
  }
  column "place" {
    type = composite.address
    null = true
  }
  column "places" {
    type = sql("app.address[]")
    null = true
  }
  column "spans" {
    type = range.floatrange
    null = true
  }
  column "more" {
    type = sql("app.floatmultirange")
    null = true
  }
  column "odd" {
    type = composite["Odd Type"]
    null = true
  }
  column "ci" {
    type = sql("app.citext")
    null = true
  }
  column "name" {
    type    = text
    null    = true
    collate = collation.german
  }
  primary_key {
    columns = [column.id]
  }
}

foreign_data_wrapper "own" {
  options = {
    debug = "true"
  }
}

server "other" {
  fdw     = extension.postgres_fdw
  type    = "db"
  version = "1"
  options = {
    host   = "db2"
    dbname = "x y"
  }
  comment = "the other one"
}

server "third" {
  fdw = foreign_data_wrapper.own
}

user_mapping {
  server = server.other
  user   = PUBLIC
  options = {
    user = "reader"
  }
}

user_mapping {
  server = server.third
  user   = "postgres"
}

foreign_table "events_old" {
  schema = schema.app
  server = server.other
  of     = table.events
  range {
    from = ["'2000-01-01'"]
    to   = ["'2010-01-01'"]
  }
}

foreign_table "remote" {
  schema = schema.app
  server = server.other
  options = {
    schema_name = "public"
    table_name  = "remote"
  }
  column "id" {
    type = integer
    options = {
      column_name = "ID"
    }
  }
  column "label" {
    type    = text
    null    = true
    collate = collation.german
    default = "x"
    comment = "what it is"
  }
  check "positive" {
    expr = "id > 0"
  }
}

statistics "t_all" {
  schema  = schema.app
  on      = table.t
  columns = [table.t.column.id, table.t.column.small]
}

statistics "t_some" {
  schema  = schema.app
  on      = table.t
  kinds   = [dependencies, mcv]
  columns = [table.t.column.small]
  exprs   = ["lower(name)", "id + small::integer"]
  target  = 50
  comment = "together"
}

publication "everything" {
  all_tables         = true
  publish            = [insert, update]
  via_partition_root = true
}

publication "few" {
  tables  = [table.t]
  comment = "for the warehouse"
}
