schema "app" {
}

schema "other" {
}

schema "public" {
}

enum "mood" {
  schema = schema.app
  values = ["sad", "ok"]
}

function "audit" {
  schema = schema.app
  lang   = PLpgSQL
  return = event_trigger
  as     = "BEGIN END"
}

function "f(app.mood[], numeric[])" {
  schema     = schema.app
  name       = "f"
  lang       = SQL
  return_set = table.app.users
  rows       = 7
  as = chomp(<<SQL

    SELECT *
    FROM app.users
  
  SQL
  )
  arg {
    type = sql("app.mood[]")
  }
  arg "rest" {
    type    = sql("numeric[]")
    mode    = VARIADIC
    default = "{1}"
  }
}

function "f(integer)" {
  schema     = schema.app
  name       = "f"
  lang       = SQL
  return     = integer
  volatility = IMMUTABLE
  strict     = true
  parallel   = SAFE
  cost       = 7
  as         = "SELECT $1 + 1"
  comment    = "one more"
  arg {
    type = integer
  }
}

function "f(text, integer)" {
  schema     = schema.app
  name       = "f"
  lang       = SQL
  return     = text
  volatility = STABLE
  parallel   = RESTRICTED
  as         = "SELECT $1"
  arg {
    type = text
  }
  arg "n" {
    type    = integer
    default = 3
  }
}

function "total_in" {
  schema     = schema.app
  lang       = SQL
  return     = bigint
  volatility = IMMUTABLE
  as         = "SELECT state + n"
  arg "state" {
    type = bigint
  }
  arg "n" {
    type = integer
  }
}

function "touch" {
  schema = schema.app
  lang   = PLpgSQL
  return = trigger
  as     = <<-SQL

    BEGIN
      NEW.updated_at := now(); -- "quoted" \ $${not} %%{a} template
      RETURN NEW;
    END;
  SQL
}

function "Odd (name)(anyelement)" {
  schema = schema.other
  name   = "Odd (name)"
  lang   = SQL
  return = anyelement
  as     = "  SELECT $1\r\n"
  arg "Arg" {
    type = anyelement
  }
}

function "any_of" {
  schema = schema.other
  lang   = "internal"
  return = integer
  as     = "pg_num_nulls"
  arg {
    type = any
    mode = VARIADIC
  }
}

function "atomic" {
  schema     = schema.other
  lang       = SQL
  return_set = bigint
  as         = <<-SQL
    BEGIN ATOMIC
     SELECT users.id
        FROM app.users
       WHERE (users.id > atomic.a);
     SELECT users.id
        FROM other.users;
    END
  SQL
  arg "a" {
    type = integer
  }
}

function "g" {
  schema    = schema.other
  lang      = PLpgSQL
  return    = record
  leakproof = true
  security  = DEFINER
  config_params = {
    search_path = "app, \"$user\", \"\""
    work_mem    = "10MB"
    "app.who"   = "it's"
  }
  as = "BEGIN b := 'a\\b'; END"
  arg "a" {
    type = integer
  }
  arg "b" {
    type    = text
    mode    = INOUT
    default = "x"
  }
  arg "c" {
    type = enum.mood
    mode = OUT
  }
  arg "d" {
    type    = boolean
    default = true
  }
  arg "e" {
    type    = date
    default = sql("now()")
  }
}

function "handler" {
  schema  = schema.other
  lang    = "c"
  return  = language_handler
  library = "$libdir/plpgsql"
  as      = "plpgsql_call_handler"
}

function "helper" {
  schema = schema.other
  lang   = "internal"
  return = internal
  as     = "textlike_support"
  arg {
    type = internal
  }
}

function "inner" {
  schema     = schema.other
  lang       = "internal"
  return     = integer
  volatility = IMMUTABLE
  strict     = true
  as         = "int4pl"
  arg {
    type = integer
  }
  arg {
    type = integer
  }
}

function "nothing" {
  schema = schema.other
  lang   = SQL
  return = void
  as     = ""
}

function "numbered" {
  schema = schema.other
  lang   = "internal"
  return = bigint
  window = true
  as     = "window_row_number"
}

function "pairs" {
  schema = schema.other
  lang   = SQL
  as     = "SELECT 1::bigint, 'x'::varchar, NULL::app.mood"
  arg "lim" {
    type = integer
  }
  return_table {
    column "a" {
      type = bigint
    }
    column "B c" {
      type = character_varying
    }
    column "m" {
      type = enum.mood
    }
  }
}

function "python_like" {
  schema = schema.other
  lang   = PLpgSQL
  return = text
  as     = "\nDECLARE\n  q text := $q$ $$${1,2}$$ $q$;\n   \nBEGIN\n\tRETURN q;  \nEND\n\n"
}

function "same_name" {
  schema = schema.other
  lang   = SQL
  return = text
  as     = "SELECT $1::text"
  arg "x" {
    type = integer
  }
  arg {
    name = "x"
    type = text
    mode = OUT
  }
}

function "sets" {
  schema     = schema.other
  lang       = SQL
  return_set = record
  as         = "SELECT 1, 2"
  arg "a" {
    type = integer
    mode = OUT
  }
  arg "b" {
    type = integer
    mode = OUT
  }
}

function "standard" {
  schema = schema.other
  lang   = SQL
  return = integer
  as     = "RETURN (a + b)"
  arg "a" {
    type = integer
  }
  arg "b" {
    type = integer
  }
}

function "supported" {
  schema  = schema.other
  lang    = SQL
  return  = boolean
  support = function.helper
  as      = "SELECT true"
  arg {
    type = text
  }
}

procedure "work(integer, integer)" {
  schema = schema.app
  name   = "work"
  lang   = PLpgSQL
  as = chomp(<<-SQL

    BEGIN
      COMMIT;
    END
  SQL
  )
  arg "a" {
    type = integer
  }
  arg "b" {
    type    = integer
    mode    = INOUT
    default = 4
  }
}

procedure "work(text)" {
  schema   = schema.app
  name     = "work"
  lang     = SQL
  security = DEFINER
  config_params = {
    search_path = "\"$user\", public"
  }
  as      = <<-SQL
    BEGIN ATOMIC
     INSERT INTO other.users (id)
       VALUES (1);
    END
  SQL
  comment = "works"
  arg "a" {
    type = text
  }
}

aggregate "names" {
  schema        = schema.app
  state_func    = "array_cat"
  state_type    = sql("text[]")
  initial_value = "{\"it's \\\\ a\"}"
  arg {
    type = sql("text[]")
    mode = VARIADIC
  }
}

aggregate "percentile" {
  schema            = schema.app
  state_func        = "ordered_set_transition"
  state_type        = internal
  final_func        = "percentile_cont_float8_final"
  final_func_modify = SHAREABLE
  arg "share" {
    type = double_precision
  }
  arg "x" {
    type     = double_precision
    order_by = true
  }
}

aggregate "ranked" {
  schema           = schema.app
  args             = "VARIADIC \"any\" ORDER BY VARIADIC \"any\""
  state_func       = "ordered_set_transition_multi"
  state_type       = internal
  final_func       = "rank_final"
  final_func_extra = true
  hypothetical     = true
}

aggregate "rows" {
  schema        = schema.app
  state_func    = "int8inc"
  state_type    = bigint
  state_size    = 8
  initial_value = "0"
}

aggregate "total(bigint)" {
  schema               = schema.app
  name                 = "total"
  state_func           = "int8pl"
  state_type           = bigint
  combine_func         = "int8pl"
  initial_value        = "0"
  moving_state_func    = "int8pl"
  moving_inverse_func  = "int8mi"
  moving_state_type    = bigint
  moving_initial_value = "0"
  sort_operator        = "OPERATOR(pg_catalog.<)"
  arg {
    type = bigint
  }
}

aggregate "total(integer)" {
  schema        = schema.app
  name          = "total"
  state_func    = function.total_in
  state_type    = bigint
  initial_value = "0"
  parallel      = SAFE
  comment       = "sums"
  arg "n" {
    type = integer
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
    to   = ["'2025-01-01'"]
  }
}

table "app" "users" {
  schema = schema.app
  column "id" {
    type    = bigint
    default = sql("app.f(1)")
  }
  column "name" {
    type = text
  }
  column "mood" {
    type = enum.mood
    null = true
  }
  column "updated_at" {
    type = timestamptz
    null = true
  }
  column "during" {
    type = daterange
    null = true
  }
  primary_key {
    columns = [column.id]
  }
  row_security {
    enabled = true
  }
}

table "other" "users" {
  schema = schema.other
  column "id" {
    type = bigint
  }
  column "User Id" {
    type = integer
    null = true
  }
  primary_key {
    columns = [column.id]
  }
}

foreign_data_wrapper "nowhere" {
}

server "far" {
  fdw = foreign_data_wrapper.nowhere
}

foreign_table "far" {
  schema = schema.app
  server = server.far
  column "id" {
    type = integer
    null = true
  }
  column "name" {
    type = text
    null = true
  }
}

view "app" "happy" {
  schema       = schema.app
  check_option = LOCAL
  as           = <<-SQL
    SELECT id,
        name AS "Name"
       FROM app.users
      WHERE (mood = 'ok'::app.mood)
  SQL
  comment      = "those who are well"
  security {
    barrier = true
  }
  column "id" {
    comment = "of users"
  }
  column "Name" {
    comment = "as given"
  }
}

view "late" {
  schema = schema.app
  as     = <<-SQL
    SELECT app.f(1) AS one,
        'a\b $${x} "q"'::text AS text
  SQL
}

view "counting" {
  schema = schema.other
  as     = <<-SQL
    WITH RECURSIVE counting(n) AS (
             VALUES (1)
            UNION ALL
             SELECT (counting_1.n + 1)
               FROM counting counting_1
              WHERE (counting_1.n < 5)
            )
     SELECT n
       FROM counting
  SQL
}

view "other" "happy" {
  schema       = schema.other
  check_option = CASCADED
  as           = <<-SQL
    SELECT id
       FROM app.happy
  SQL
  security {
    barrier = "off"
  }
}

materialized "counts" {
  schema = schema.app
  as     = <<-SQL
    SELECT mood,
        count(*) AS n
       FROM app.users
      GROUP BY mood
  SQL
  index "counts_expr" {
    where = "n > 1"
    on {
      expr = "n + 1"
      desc = true
    }
  }
  index "counts_mood" {
    unique  = true
    columns = ["mood"]
    comment = "for REFRESH … CONCURRENTLY"
  }
  column "n" {
    comment = "how many"
  }
  storage_params {
    fillfactor = 70
  }
}

materialized "empty" {
  schema       = schema.app
  with_no_data = true
  as           = <<-SQL
    SELECT mood,
        n
       FROM app.counts
  SQL
}

trigger "all_events" {
  on  = table.events
  for = ROW
  before {
    insert = true
  }
  execute {
    function = function.touch
  }
}

trigger "old_events" {
  on  = partition.events_old
  for = ROW
  after {
    update_of = [table.events.column.at]
  }
  execute {
    function = function.touch
  }
}

trigger "far" {
  on  = foreign_table.far
  for = ROW
  after {
    update_of = [foreign_table.far.column.name]
  }
  execute {
    function = function.touch
  }
}

trigger "written" {
  on  = view.late
  for = ROW
  instead_of {
    insert = true
    update = true
  }
  execute {
    function = function.touch
  }
}

trigger "changes" {
  on      = table.app.users
  enabled = DISABLE
  after {
    update = true
  }
  referencing {
    old_table = "Old"
    new_table = "fresh"
  }
  execute {
    function = function.touch
  }
}

trigger "checked" {
  on         = table.app.users
  for        = ROW
  deferrable = INITIALLY_DEFERRED
  from       = table.other.users
  after {
    insert = true
    update = true
  }
  execute {
    function = function.touch
  }
}

trigger "plain" {
  on         = table.app.users
  for        = ROW
  constraint = true
  enabled    = REPLICA
  after {
    delete = true
  }
  execute {
    function = function.touch
  }
}

trigger "soon" {
  on         = table.app.users
  for        = ROW
  deferrable = INITIALLY_IMMEDIATE
  enabled    = ALWAYS
  after {
    delete = true
  }
  execute {
    function = function.touch
  }
}

trigger "touch" {
  on      = table.app.users
  for     = ROW
  when    = "old.* IS DISTINCT FROM new.*"
  comment = "keeps updated_at"
  before {
    update_of = [table.app.users.column.name, table.app.users.column.mood]
  }
  execute {
    function = function.touch
  }
}

trigger "touch" {
  on = table.other.users
  after {
    insert   = true
    delete   = true
    truncate = true
  }
  execute {
    function = function.touch
    args     = ["a", "b'c\\", "", "é", "\\000"]
  }
}

rule "Both of" {
  on      = view.app.happy
  event   = UPDATE
  instead = true
  as      = <<-SQL
    ( UPDATE app.users SET name = new."Name"
      WHERE (users.id = old.id);

     NOTIFY changed;
    )
  SQL
}

rule "copied" {
  on      = table.app.users
  event   = INSERT
  where   = "new.name = 'a DO b'::text"
  enabled = DISABLE
  as      = <<-SQL
    INSERT INTO other.users (id)
      VALUES (new.id)
  SQL
}

rule "keep" {
  on      = table.app.users
  event   = DELETE
  instead = true
  as      = "NOTHING"
  comment = "none goes"
}

policy "everybody" {
  on    = table.app.users
  using = "true"
}

policy "own" {
  on      = table.app.users
  as      = RESTRICTIVE
  for     = UPDATE
  to      = ["pg_monitor", "pg_signal_backend"]
  using   = "(name = CURRENT_USER) AND (mood IS NOT NULL)"
  check   = "app.f(1) > 0"
  comment = "their own"
}

policy "own" {
  on    = table.other.users
  for   = INSERT
  check = "id > 0"
}

event_trigger "audit" {
  on      = ddl_command_end
  tags    = ["CREATE TABLE", "DROP TABLE"]
  execute = function.audit
  comment = "who did it"
}

event_trigger "audit_drop" {
  on      = sql_drop
  execute = function.audit
  enabled = DISABLE
}

permission {
  for        = function["f(integer)"]
  to         = PUBLIC
  privileges = []
}

permission {
  for        = function["f(integer)"]
  to         = "pg_monitor"
  privileges = [EXECUTE]
}

permission {
  for        = procedure["work(text)"]
  to         = "pg_monitor"
  privileges = [EXECUTE]
}

permission {
  for        = view.app.happy
  to         = "pg_monitor"
  privileges = [SELECT]
}

permission {
  for        = materialized.counts
  columns    = ["n"]
  to         = "pg_monitor"
  privileges = [SELECT]
}
