schema "app" {
}

schema "other" {
}

schema "public" {
}

extension "citext" {
  schema  = schema.app
  comment = "text that looks away"
}

extension "cube" {
  schema  = schema.public
  comment = ""
}

extension "earthdistance" {
  schema  = schema.public
  comment = "calculate great-circle distances on the surface of the Earth"
}

extension "file_fdw" {
  schema  = schema.app
  comment = "foreign-data wrapper for flat file access"
}

extension "pg_trgm" {
  schema  = schema.other
  version = "1.5"
  comment = "text similarity measurement and index searching based on trigrams"
}

collation "Any Case" {
  schema        = schema.app
  provider      = icu
  locale        = "und-u-ks-level2"
  deterministic = false
}

collation "german" {
  schema   = schema.app
  provider = icu
  locale   = "de-u-co-phonebk"
  comment  = "as in the phone book"
}

collation "c_like" {
  schema     = schema.other
  lc_collate = "C"
  lc_ctype   = "POSIX"
}

collation "plain" {
  schema     = schema.other
  lc_collate = "C"
  lc_ctype   = "C"
}

enum "mood" {
  schema = schema.app
  values = ["sad", "ok"]
}

domain "app" "email" {
  schema  = schema.app
  type    = sql("app.citext")
  null    = true
  collate = collation.german
  check "email_check" {
    expr = "((VALUE)::text ~ '@'::text) AND ((VALUE)::text !~ '\\s'::text)"
  }
}

domain "feeling" {
  schema  = schema.app
  type    = enum.mood
  null    = true
  default = "ok"
}

domain "positive" {
  schema  = schema.app
  type    = integer
  comment = "above zero"
  check "gt0" {
    expr    = "VALUE > 0"
    comment = "so it is"
  }
}

domain "small" {
  schema  = schema.app
  type    = domain.positive
  null    = true
  default = sql("1")
  check "small_check" {
    expr = "(VALUE)::integer < 100"
  }
  check "small_check1" {
    expr = "(VALUE)::integer <> 13"
  }
}

domain "other" "email" {
  schema  = schema.other
  type    = character_varying(80)
  null    = true
  default = "none@example.com"
  collate = "C"
}

domain "late" {
  schema = schema.other
  type   = text
  null   = true
  check "short" {
    expr      = "length(VALUE) < 9"
    not_valid = true
  }
}

domain "list" {
  schema = schema.other
  type   = sql("app.positive[]")
  null   = true
}

composite "address" {
  schema  = schema.app
  comment = "where one lives"
  field "street" {
    type    = text
    collate = "C"
  }
  field "zip" {
    type = domain.small
  }
  field "Moods" {
    type    = sql("app.mood[]")
    comment = "there"
  }
  field "mail" {
    type = domain.other.email
  }
  field "note" {
    type    = character_varying(20)
    collate = collation["Any Case"]
  }
}

composite "nothing" {
  schema = schema.app
}

composite "person" {
  schema = schema.app
  field "name" {
    type = text
  }
  field "home" {
    type = composite.address
  }
}

range "floats" {
  schema       = schema.app
  subtype      = double_precision
  multirange   = "many_floats"
  subtype_diff = sql("float8mi")
}

range "smalls" {
  schema  = schema.app
  subtype = domain.positive
}

range "textrange" {
  schema          = schema.app
  subtype         = text
  collate         = "C"
  subtype_opclass = sql("pg_catalog.text_pattern_ops")
  subtype_diff    = sql("app.text_diff")
  comment         = "from one text to another"
}

function "compare" {
  schema     = schema.app
  lang       = SQL
  return     = integer
  volatility = IMMUTABLE
  as         = "SELECT 0"
  arg "a" {
    type = enum.mood
  }
  arg "b" {
    type = enum.mood
  }
}

function "differs" {
  schema     = schema.app
  lang       = SQL
  return     = boolean
  volatility = IMMUTABLE
  as         = "SELECT $1 <> $2"
  arg "a" {
    type = enum.mood
  }
  arg "b" {
    type = enum.mood
  }
}

function "flip" {
  schema     = schema.app
  lang       = SQL
  return     = text
  volatility = IMMUTABLE
  as         = "SELECT 'x'"
  arg "a" {
    type = enum.mood
  }
}

function "same(app.mood, app.mood)" {
  schema     = schema.app
  name       = "same"
  lang       = SQL
  return     = boolean
  volatility = IMMUTABLE
  as         = "SELECT $1 = $2"
  arg "a" {
    type = enum.mood
  }
  arg "b" {
    type = enum.mood
  }
}

function "same(integer, text)" {
  schema     = schema.app
  name       = "same"
  lang       = SQL
  return     = boolean
  volatility = IMMUTABLE
  as         = "SELECT $1::text = $2"
  arg "a" {
    type = integer
  }
  arg "b" {
    type = text
  }
}

function "text_diff" {
  schema     = schema.app
  lang       = SQL
  return     = double_precision
  volatility = IMMUTABLE
  as         = "SELECT length(a)::float8 - length(b)"
  arg "a" {
    type = text
  }
  arg "b" {
    type = text
  }
}

function "to_address" {
  schema     = schema.app
  lang       = SQL
  return     = composite.address
  volatility = IMMUTABLE
  as         = "SELECT ROW($1, NULL, NULL, NULL, NULL)::app.address"
  arg {
    type = text
  }
}

function "handler" {
  schema  = schema.other
  lang    = "c"
  return  = language_handler
  library = "$libdir/plpgsql"
  as      = "plpgsql_call_handler"
}

language "mine" {
  handler   = sql("other.handler")
  inline    = sql("plpgsql_inline_handler")
  validator = sql("plpgsql_validator")
  trusted   = true
  comment   = "speaks"
}

language "other_one" {
  handler = sql("other.handler")
}

cast {
  from  = composite.person
  to    = text
  inout = true
}

cast {
  from    = character_varying
  to      = enum.mood
  inout   = true
  context = IMPLICIT
}

cast {
  from     = text
  to       = composite.address
  function = sql("app.to_address(text)")
  context  = ASSIGNMENT
  comment  = "the street"
}

operator "!==(app.mood, app.mood)" {
  schema   = schema.app
  name     = "!=="
  function = sql("app.differs")
  left     = enum.mood
  right    = enum.mood
  negator  = sql("OPERATOR(app.===)")
  comment  = "not the same"
}

operator "===(app.mood, app.mood)" {
  schema     = schema.app
  name       = "==="
  function   = sql("app.same")
  left       = enum.mood
  right      = enum.mood
  commutator = sql("OPERATOR(app.===)")
  negator    = sql("OPERATOR(app.!==)")
  restrict   = sql("eqsel")
  join       = sql("eqjoinsel")
  hashes     = true
  merges     = true
}

operator "===(integer, text)" {
  schema   = schema.app
  name     = "==="
  function = sql("app.same")
  left     = integer
  right    = text
}

operator "!!!(NONE, app.mood)" {
  schema   = schema.other
  name     = "!!!"
  function = sql("app.flip")
  right    = enum.mood
}

operator_family "moods using btree" {
  schema  = schema.app
  name    = "moods"
  method  = "btree"
  members = ["OPERATOR 1 <(anyenum,anyenum)"]
}

operator_family "moods using hash" {
  schema  = schema.app
  name    = "moods"
  method  = "hash"
  members = ["OPERATOR 1 app.===(integer,text)", "FUNCTION 1 (text, text) hashtext(text)"]
  comment = "hashed"
}

operator_family "keyed using gin" {
  schema = schema.other
  name   = "keyed"
  method = "gin"
  members = [
    "OPERATOR 1 =(text,text)",
    "FUNCTION 1 (text, text) bttextcmp(text,text)",
    "FUNCTION 4 (text, text) ginarrayconsistent(internal,smallint,anyarray,integer,internal,internal,internal,internal)",
  ]
}

operator_family "mood_hash using hash" {
  schema  = schema.other
  name    = "mood_hash"
  method  = "hash"
  members = ["OPERATOR 1 =(anyrange,anyrange)", "FUNCTION 1 (anyrange, anyrange) hash_range(anyrange)"]
}

operator_class "mood_ops using btree" {
  schema = schema.app
  name   = "mood_ops"
  method = "btree"
  type   = enum.mood
  family = operator_family["moods using btree"]
  members = [
    "OPERATOR 3 app.===(app.mood,app.mood)",
    "FUNCTION 1 (app.mood, app.mood) app.compare(app.mood,app.mood)",
  ]
  comment = "by mood"
}

operator_class "keyed using gin" {
  schema = schema.other
  name   = "keyed"
  method = "gin"
  type   = text
  family = operator_family["keyed using gin"]
  members = [
    "FUNCTION 2 (text, text) ginarrayextract(anyarray,internal)",
    "FUNCTION 3 (text, text) ginqueryarrayextract(anyarray,internal,smallint,internal,internal,internal,internal)",
  ]
}

operator_class "mood_hash using hash" {
  schema  = schema.other
  name    = "mood_hash"
  method  = "hash"
  type    = range.floats
  default = true
  family  = operator_family["mood_hash using hash"]
}

text_search_parser "words" {
  schema   = schema.app
  start    = sql("prsd_start")
  gettoken = sql("prsd_nexttoken")
  end      = sql("prsd_end")
  lextypes = sql("prsd_lextype")
  headline = sql("prsd_headline")
  comment  = "cuts"
}

text_search_template "bare" {
  schema  = schema.app
  lexize  = sql("dsimple_lexize")
  comment = "no more"
}

text_search_template "simple_like" {
  schema = schema.app
  init   = sql("dsimple_init")
  lexize = sql("dsimple_lexize")
}

text_search_dictionary "Own one" {
  schema   = schema.app
  template = "app.simple_like"
  options  = "accept = 'false'"
}

text_search_dictionary "bare_one" {
  schema   = schema.app
  template = "app.bare"
}

text_search_dictionary "stem" {
  schema   = schema.app
  template = "pg_catalog.snowball"
  options  = "language = 'german', stopwords = 'german'"
  comment  = "stems"
}

text_search_configuration "german" {
  schema  = schema.app
  parser  = "app.words"
  comment = "for Germans"
  mapping "asciiword" {
    dictionaries = [text_search_dictionary.stem, text_search_dictionary["Own one"], "pg_catalog.simple"]
  }
  mapping "email" {
    dictionaries = ["pg_catalog.simple"]
  }
  mapping "hword" {
    dictionaries = [text_search_dictionary.stem, text_search_dictionary["Own one"], "pg_catalog.simple"]
  }
  mapping "word" {
    dictionaries = [text_search_dictionary.stem, text_search_dictionary["Own one"], "pg_catalog.simple"]
  }
}

text_search_configuration "copied" {
  schema = schema.other
  parser = "pg_catalog.\"default\""
  mapping "asciihword" {
    dictionaries = ["pg_catalog.english_stem"]
  }
  mapping "asciiword" {
    dictionaries = ["pg_catalog.english_stem"]
  }
  mapping "email" {
    dictionaries = ["pg_catalog.simple"]
  }
  mapping "file" {
    dictionaries = ["pg_catalog.simple"]
  }
  mapping "float" {
    dictionaries = ["pg_catalog.simple"]
  }
  mapping "host" {
    dictionaries = ["pg_catalog.simple"]
  }
  mapping "hword" {
    dictionaries = ["pg_catalog.english_stem"]
  }
  mapping "hword_asciipart" {
    dictionaries = ["pg_catalog.english_stem"]
  }
  mapping "hword_numpart" {
    dictionaries = ["pg_catalog.simple"]
  }
  mapping "hword_part" {
    dictionaries = ["pg_catalog.english_stem"]
  }
  mapping "int" {
    dictionaries = ["pg_catalog.simple"]
  }
  mapping "numhword" {
    dictionaries = ["pg_catalog.simple"]
  }
  mapping "numword" {
    dictionaries = ["pg_catalog.simple"]
  }
  mapping "sfloat" {
    dictionaries = ["pg_catalog.simple"]
  }
  mapping "uint" {
    dictionaries = ["pg_catalog.simple"]
  }
  mapping "url" {
    dictionaries = ["pg_catalog.simple"]
  }
  mapping "url_path" {
    dictionaries = ["pg_catalog.simple"]
  }
  mapping "version" {
    dictionaries = ["pg_catalog.simple"]
  }
  mapping "word" {
    dictionaries = ["pg_catalog.english_stem"]
  }
}

table "base" {
  schema = schema.app
  column "a" {
    type = integer
    null = true
  }
  column "b" {
    type    = text
    null    = true
    default = "b"
  }
}

table "child" {
  schema   = schema.app
  inherits = [table.base]
  column "c" {
    type = integer
    null = true
  }
  override "a" {
    null    = false
    default = -1
  }
  override "b" {
    no_default = true
    comment    = "of the child"
  }
}

table "events" {
  schema = schema.app
  column "id" {
    type = integer
    null = true
  }
  column "at" {
    type    = date
    default = "2020-01-01"
  }
  column "note" {
    type    = text
    null    = true
    default = "n"
  }
  column "n" {
    type = integer
    null = true
  }
  partition {
    type    = RANGE
    columns = [column.at]
  }
}

partition "events_old" {
  schema = schema.app
  of     = table.events
  range {
    from = [MINVALUE]
    to   = ["'2024-01-01'"]
  }
  override "id" {
    null = false
  }
  override "note" {
    default = "old"
  }
}

table "grandchild" {
  schema   = schema.app
  inherits = [table.child]
  override "b" {
    comment = "of the grandchild"
  }
  override "c" {
    default = 7
  }
}

table "users" {
  schema = schema.app
  column "id" {
    type = domain.positive
  }
  column "mail" {
    type    = domain.app.email
    default = sql("'a@b'::app.citext")
  }
  column "other_mail" {
    type = domain.other.email
    null = true
  }
  column "home" {
    type = composite.address
    null = true
  }
  column "homes" {
    type = sql("app.address[]")
    null = true
  }
  column "person" {
    type = composite.person
    null = true
  }
  column "names" {
    type = range.textrange
    null = true
  }
  column "all_names" {
    type = sql("app.textmultirange")
    null = true
  }
  column "f" {
    type = sql("app.many_floats")
    null = true
  }
  column "near" {
    type = sql("public.cube")
    null = true
  }
  column "ci" {
    type    = sql("app.citext")
    null    = true
    default = "x"
  }
  column "german" {
    type    = text
    null    = true
    collate = collation.german
  }
  column "feels" {
    type    = domain.feeling
    null    = true
    default = sql("'sad'::app.mood")
  }
  column "city" {
    type = text
    null = true
  }
  column "zip" {
    type = text
    null = true
  }
  column "row_of" {
    type = sql("app.mood[]")
    null = true
  }
  primary_key {
    columns = [column.id]
  }
  index "users_german_idx" {
    on {
      column  = column.german
      collate = sql("app.\"Any Case\"")
    }
    on {
      column = column.city
    }
  }
  index "users_trgm_idx" {
    type = GIN
    on {
      column = column.city
      ops    = sql("other.gin_trgm_ops")
    }
  }
}

table "by_collation" {
  schema = schema.other
  column "a" {
    type = text
    null = true
  }
  column "b" {
    type = text
    null = true
  }
  partition {
    type = RANGE
    by {
      column  = column.a
      collate = sql("app.german")
    }
    by {
      expr    = "lower(b)"
      collate = sql("other.plain")
    }
  }
}

table "typed" {
  schema  = schema.other
  of_type = "app.person"
}

table "uses" {
  schema = schema.other
  column "u" {
    type = table.users
    null = true
  }
  column "us" {
    type = sql("app.users[]")
    null = true
  }
}

foreign_data_wrapper "plain" {
  options = {
    a     = "b=c"
    "Z z" = "it's"
  }
  comment = "does nothing"
}

foreign_data_wrapper "with_functions" {
  handler   = sql("app.file_fdw_handler")
  validator = sql("app.file_fdw_validator")
}

server "elsewhere" {
  fdw     = foreign_data_wrapper.plain
  type    = "a type"
  version = "1.2"
  options = {
    host = "db2"
    port = "5432"
  }
  comment = "far"
}

server "files" {
  fdw = extension.file_fdw
}

user_mapping {
  server = server.elsewhere
  user   = PUBLIC
  options = {
    user = "them"
  }
}

user_mapping {
  server = server.elsewhere
  user   = "postgres"
}

user_mapping {
  server = server.files
  user   = PUBLIC
}

foreign_table "events_far" {
  schema = schema.app
  server = server.files
  options = {
    filename = "/dev/null"
  }
  of = table.events
  range {
    from = ["'2024-01-01'"]
    to   = ["'2025-01-01'"]
  }
  override "n" {
    default = 4
  }
  override "note" {
    no_default = true
  }
}

foreign_table "far_child" {
  schema = schema.app
  server = server.files
  options = {
    filename = "/dev/null"
  }
  inherits = [table.base]
  column "d" {
    type = integer
    null = true
  }
}

foreign_table "lines" {
  schema = schema.app
  server = server.files
  options = {
    filename = "/dev/null"
    format   = "csv"
  }
  comment = "in a file"
  column "id" {
    type = integer
    options = {
      force_not_null = "true"
    }
    comment = "first"
  }
  column "Text" {
    type    = character_varying(20)
    null    = true
    collate = "C"
    options = {
      force_null = "true"
    }
    default = "x"
  }
  column "mood" {
    type = enum.mood
    null = true
  }
  check "id_positive" {
    expr       = "id > 0"
    no_inherit = true
    comment    = "checked elsewhere"
  }
}

statistics "city_zip" {
  schema  = schema.app
  on      = table.users
  columns = [table.users.column.city, table.users.column.zip]
  comment = "close"
}

statistics "lines_stat" {
  schema  = schema.app
  on      = foreign_table.lines
  columns = [foreign_table.lines.column.id, foreign_table.lines.column.mood]
}

statistics "One" {
  schema = schema.other
  on     = table.users
  exprs  = ["upper(city)"]
  target = 300
}

statistics "city_zip" {
  schema  = schema.other
  on      = table.users
  kinds   = [ndistinct, mcv]
  columns = [table.users.column.city]
  exprs   = ["lower(zip)", "id::integer + 1"]
}

publication "None yet" {
  publish = []
}

publication "everything" {
  all_tables         = true
  via_partition_root = true
}

publication "part" {
  publish = [insert, delete]
  tables  = [partition.events_old, table.users]
  comment = "a part"
}

permission {
  for        = server.elsewhere
  to         = PUBLIC
  privileges = [USAGE]
}

permission {
  for        = domain.positive
  to         = PUBLIC
  privileges = []
}

permission {
  for        = foreign_table.lines
  to         = PUBLIC
  privileges = [SELECT]
}
