CREATE SCHEMA app;
CREATE SCHEMA other;
CREATE TYPE app.mood AS ENUM ('sad', 'ok');
CREATE TABLE app.users (id bigint PRIMARY KEY, name text NOT NULL, mood app.mood, updated_at timestamptz, during daterange);
CREATE TABLE other.users (id bigint PRIMARY KEY, "User Id" int);
-- functions: overloaded, every argument mode and default, every result
CREATE FUNCTION app.touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.updated_at := now(); -- "quoted" \ ${not} %{a} template
  RETURN NEW;
END;
$$;
CREATE FUNCTION app.f(integer) RETURNS integer LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 7 AS 'SELECT $1 + 1';
CREATE FUNCTION app.f(text, n integer DEFAULT 3) RETURNS text LANGUAGE sql STABLE PARALLEL RESTRICTED AS 'SELECT $1';
CREATE FUNCTION app.f(app.mood[], VARIADIC rest numeric[] DEFAULT '{1}') RETURNS SETOF app.users LANGUAGE sql ROWS 7 AS E'\n    SELECT *\n    FROM app.users\n  ';
CREATE FUNCTION other.g(a int, INOUT b text DEFAULT 'x', OUT c app.mood, d boolean DEFAULT true, e date DEFAULT now()) LANGUAGE plpgsql SECURITY DEFINER LEAKPROOF
  SET search_path TO app, "$user", '' SET work_mem = '10MB' SET "app.who" = 'it''s' AS $$BEGIN b := 'a\b'; END$$;
CREATE FUNCTION other.pairs(lim int) RETURNS TABLE (a bigint, "B c" varchar, m app.mood) LANGUAGE sql AS $$SELECT 1::bigint, 'x'::varchar, NULL::app.mood$$;
CREATE FUNCTION other.sets(OUT a int, OUT b int) RETURNS SETOF record LANGUAGE sql AS 'SELECT 1, 2';
CREATE FUNCTION other.nothing() RETURNS void LANGUAGE sql AS '';
CREATE FUNCTION other.same_name(IN x int, OUT x text) LANGUAGE sql AS 'SELECT $1::text';
CREATE FUNCTION other.standard(a int, b int) RETURNS int LANGUAGE sql RETURN a + b;
CREATE FUNCTION other.atomic(a int) RETURNS SETOF bigint LANGUAGE sql BEGIN ATOMIC SELECT id FROM app.users WHERE id > a; SELECT id FROM other.users; END;
CREATE FUNCTION other.inner(int, int) RETURNS int LANGUAGE internal IMMUTABLE STRICT AS 'int4pl';
CREATE FUNCTION other.handler() RETURNS language_handler LANGUAGE c AS '$libdir/plpgsql', 'plpgsql_call_handler';
CREATE FUNCTION other.helper(internal) RETURNS internal LANGUAGE internal AS 'textlike_support';
CREATE FUNCTION other.supported(text) RETURNS boolean LANGUAGE sql SUPPORT other.helper AS 'SELECT true';
CREATE FUNCTION other.numbered() RETURNS bigint LANGUAGE internal WINDOW AS 'window_row_number';
CREATE FUNCTION other.any_of(VARIADIC "any") RETURNS integer LANGUAGE internal AS 'pg_num_nulls';
CREATE FUNCTION other."Odd (name)"("Arg" anyelement) RETURNS anyelement LANGUAGE sql AS E'  SELECT $1\r\n';
CREATE FUNCTION other.python_like() RETURNS text LANGUAGE plpgsql AS E'\nDECLARE\n  q text := $q$ $${1,2}$$ $q$;\n   \nBEGIN\n\tRETURN q;  \nEND\n\n';
CREATE PROCEDURE app.work(a int, INOUT b int DEFAULT 4) LANGUAGE plpgsql AS $$
BEGIN
  COMMIT;
END$$;
CREATE PROCEDURE app.work(a text) LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT BEGIN ATOMIC INSERT INTO other.users VALUES (1); END;
COMMENT ON FUNCTION app.f(integer) IS 'one more';
COMMENT ON PROCEDURE app.work(text) IS 'works';
ALTER TABLE app.users ALTER COLUMN id SET DEFAULT app.f(1);
-- aggregates
CREATE FUNCTION app.total_in(state bigint, n int) RETURNS bigint LANGUAGE sql IMMUTABLE AS 'SELECT state + n';
CREATE AGGREGATE app.total(n int) (SFUNC = app.total_in, STYPE = bigint, INITCOND = '0', PARALLEL = SAFE);
CREATE AGGREGATE app.total(bigint) (SFUNC = int8pl, STYPE = bigint, INITCOND = '0', COMBINEFUNC = int8pl,
  MSFUNC = int8pl, MINVFUNC = int8mi, MSTYPE = bigint, MINITCOND = '0', SORTOP = <);
CREATE AGGREGATE app.names(VARIADIC text[]) (SFUNC = array_cat, STYPE = text[], INITCOND = '{"it''s \\ a"}');
CREATE AGGREGATE app.rows(*) (SFUNC = int8inc, STYPE = bigint, SSPACE = 8, INITCOND = '0');
CREATE AGGREGATE app.percentile(share double precision ORDER BY x double precision) (SFUNC = ordered_set_transition, STYPE = internal,
  FINALFUNC = percentile_cont_float8_final, FINALFUNC_MODIFY = SHAREABLE);
CREATE AGGREGATE app.ranked(VARIADIC "any" ORDER BY VARIADIC "any") (SFUNC = ordered_set_transition_multi, STYPE = internal, FINALFUNC = rank_final,
  FINALFUNC_EXTRA, HYPOTHETICAL);
COMMENT ON AGGREGATE app.total(int) IS 'sums';
-- views
CREATE VIEW app.happy WITH (security_barrier) AS SELECT id, name AS "Name" FROM app.users WHERE mood = 'ok' WITH LOCAL CHECK OPTION;
CREATE VIEW other.happy WITH (security_barrier = off, check_option = cascaded) AS SELECT id FROM app.happy;
CREATE RECURSIVE VIEW other.counting (n) AS VALUES (1) UNION ALL SELECT n + 1 FROM counting WHERE n < 5;
CREATE VIEW app.late AS SELECT app.f(1) AS one, 'a\b ${x} "q"' AS text;
COMMENT ON VIEW app.happy IS 'those who are well';
COMMENT ON COLUMN app.happy."Name" IS 'as given';
COMMENT ON COLUMN app.happy.id IS 'of users';
CREATE MATERIALIZED VIEW app.counts WITH (fillfactor = 70) AS SELECT mood, count(*) AS n FROM app.users GROUP BY 1;
CREATE UNIQUE INDEX counts_mood ON app.counts (mood);
CREATE INDEX counts_expr ON app.counts ((n + 1) DESC) WHERE n > 1;
COMMENT ON INDEX app.counts_mood IS 'for REFRESH … CONCURRENTLY';
COMMENT ON COLUMN app.counts.n IS 'how many';
CREATE MATERIALIZED VIEW app.empty AS SELECT * FROM app.counts WITH NO DATA;
-- triggers
CREATE TRIGGER touch BEFORE UPDATE OF name, mood ON app.users FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION app.touch();
CREATE TRIGGER touch AFTER INSERT OR DELETE OR TRUNCATE ON other.users EXECUTE FUNCTION app.touch('a', 'b''c\', '', 'é', '\000');
CREATE TRIGGER changes AFTER UPDATE ON app.users REFERENCING OLD TABLE AS "Old" NEW TABLE AS fresh EXECUTE FUNCTION app.touch();
CREATE CONSTRAINT TRIGGER checked AFTER INSERT OR UPDATE ON app.users FROM other.users DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION app.touch();
CREATE CONSTRAINT TRIGGER plain AFTER DELETE ON app.users FOR EACH ROW EXECUTE FUNCTION app.touch();
CREATE CONSTRAINT TRIGGER soon AFTER DELETE ON app.users DEFERRABLE FOR EACH ROW EXECUTE FUNCTION app.touch();
CREATE TRIGGER written INSTEAD OF INSERT OR UPDATE ON app.late FOR EACH ROW EXECUTE FUNCTION app.touch();
ALTER TABLE app.users DISABLE TRIGGER changes, ENABLE REPLICA TRIGGER plain, ENABLE ALWAYS TRIGGER soon;
COMMENT ON TRIGGER touch ON app.users IS 'keeps updated_at';
CREATE TABLE app.events (id int, at date) PARTITION BY RANGE (at);
CREATE TABLE app.events_old PARTITION OF app.events FOR VALUES FROM (MINVALUE) TO ('2025-01-01');
CREATE TRIGGER all_events BEFORE INSERT ON app.events FOR EACH ROW EXECUTE FUNCTION app.touch();
CREATE TRIGGER old_events AFTER UPDATE OF at ON app.events_old FOR EACH ROW EXECUTE FUNCTION app.touch();
CREATE FUNCTION app.audit() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
CREATE EVENT TRIGGER audit ON ddl_command_end WHEN TAG IN ('CREATE TABLE', 'DROP TABLE') EXECUTE FUNCTION app.audit();
CREATE EVENT TRIGGER audit_drop ON sql_drop EXECUTE FUNCTION app.audit();
ALTER EVENT TRIGGER audit_drop DISABLE;
COMMENT ON EVENT TRIGGER audit IS 'who did it';
-- rules
CREATE RULE keep AS ON DELETE TO app.users DO INSTEAD NOTHING;
CREATE RULE copied AS ON INSERT TO app.users WHERE NEW.name = 'a DO b' DO INSERT INTO other.users VALUES (NEW.id);
CREATE RULE "Both of" AS ON UPDATE TO app.happy DO INSTEAD (UPDATE app.users SET name = NEW."Name" WHERE id = OLD.id; NOTIFY changed;);
ALTER TABLE app.users DISABLE RULE copied;
COMMENT ON RULE keep ON app.users IS 'none goes';
-- policies
ALTER TABLE app.users ENABLE ROW LEVEL SECURITY;
CREATE POLICY everybody ON app.users USING (true);
CREATE POLICY own ON app.users AS RESTRICTIVE FOR UPDATE TO pg_monitor, pg_signal_backend USING (name = CURRENT_USER AND mood IS NOT NULL) WITH CHECK (app.f(1) > 0);
CREATE POLICY own ON other.users FOR INSERT WITH CHECK (id > 0);
COMMENT ON POLICY own ON app.users IS 'their own';
-- privileges on them
REVOKE EXECUTE ON FUNCTION app.f(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app.f(integer) TO pg_monitor;
GRANT EXECUTE ON PROCEDURE app.work(text) TO pg_monitor;
GRANT SELECT ON app.happy TO pg_monitor;
GRANT SELECT (n) ON app.counts TO pg_monitor;
-- on foreign tables
CREATE FOREIGN DATA WRAPPER nowhere;
CREATE SERVER far FOREIGN DATA WRAPPER nowhere;
CREATE FOREIGN TABLE app.far (id int, name text) SERVER far;
CREATE TRIGGER far AFTER UPDATE OF name ON app.far FOR EACH ROW EXECUTE FUNCTION app.touch();
