CREATE SCHEMA app;
CREATE SCHEMA other;
CREATE EXTENSION citext SCHEMA app;
CREATE EXTENSION cube SCHEMA public;
CREATE EXTENSION earthdistance SCHEMA public;
CREATE EXTENSION pg_trgm SCHEMA other VERSION '1.5';
CREATE EXTENSION file_fdw SCHEMA app;
COMMENT ON EXTENSION cube IS NULL;
COMMENT ON EXTENSION citext IS 'text that looks away';
-- collations
CREATE COLLATION app.german (provider = icu, locale = 'de-u-co-phonebk');
CREATE COLLATION app."Any Case" (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE COLLATION other.c_like (lc_collate = 'C', lc_ctype = 'POSIX');
CREATE COLLATION other.plain (locale = 'C');
COMMENT ON COLLATION app.german IS 'as in the phone book';
-- types that need each other
CREATE TYPE app.mood AS ENUM ('sad', 'ok');
CREATE DOMAIN app.positive AS integer CONSTRAINT gt0 CHECK (VALUE > 0) NOT NULL;
CREATE DOMAIN app.small AS app.positive DEFAULT 1 CHECK (VALUE < 100) CHECK (VALUE <> 13);
CREATE DOMAIN app.feeling AS app.mood DEFAULT 'ok';
CREATE DOMAIN app.email AS app.citext COLLATE app.german CHECK (VALUE ~ '@' AND VALUE !~ E'\\s');
CREATE DOMAIN other.email AS varchar(80) COLLATE "C" DEFAULT 'none@example.com';
CREATE DOMAIN other.list AS app.positive[];
CREATE DOMAIN other.late AS text;
ALTER DOMAIN other.late ADD CONSTRAINT short CHECK (length(VALUE) < 9) NOT VALID;
COMMENT ON DOMAIN app.positive IS 'above zero';
COMMENT ON CONSTRAINT gt0 ON DOMAIN app.positive IS 'so it is';
CREATE TYPE app.address AS (street text COLLATE "C", zip app.small, "Moods" app.mood[], mail other.email, note varchar(20) COLLATE app."Any Case");
CREATE TYPE app.person AS (name text, home app.address);
CREATE TYPE app.nothing AS ();
COMMENT ON TYPE app.address IS 'where one lives';
COMMENT ON COLUMN app.address."Moods" IS 'there';
CREATE FUNCTION app.text_diff(a text, b text) RETURNS double precision LANGUAGE sql IMMUTABLE AS 'SELECT length(a)::float8 - length(b)';
CREATE TYPE app.textrange AS RANGE (SUBTYPE = text, SUBTYPE_DIFF = app.text_diff, COLLATION = "C", SUBTYPE_OPCLASS = text_pattern_ops);
CREATE TYPE app.floats AS RANGE (SUBTYPE = float8, SUBTYPE_DIFF = float8mi, MULTIRANGE_TYPE_NAME = app.many_floats);
CREATE TYPE app.smalls AS RANGE (SUBTYPE = app.positive);
COMMENT ON TYPE app.textrange IS 'from one text to another';
CREATE TABLE app.users (
  id app.positive PRIMARY KEY, mail app.email NOT NULL DEFAULT 'a@b', other_mail other.email, home app.address, homes app.address[],
  person app.person, names app.textrange, all_names app.textmultirange, f app.many_floats, near public.cube, ci app.citext DEFAULT 'x',
  german text COLLATE app.german, feels app.feeling DEFAULT 'sad', city text, zip text, row_of app.mood[]
);
CREATE TABLE other.typed OF app.person;
CREATE TABLE other.uses (u app.users, us app.users[]);
CREATE INDEX users_german_idx ON app.users (german COLLATE app."Any Case", city);
CREATE INDEX users_trgm_idx ON app.users USING gin (city other.gin_trgm_ops);
CREATE TABLE other.by_collation (a text, b text) PARTITION BY RANGE (a COLLATE app.german, (lower(b)) COLLATE other.plain);
-- casts
CREATE FUNCTION app.to_address(text) RETURNS app.address LANGUAGE sql IMMUTABLE AS $$SELECT ROW($1, NULL, NULL, NULL, NULL)::app.address$$;
CREATE CAST (text AS app.address) WITH FUNCTION app.to_address(text) AS ASSIGNMENT;
CREATE CAST (varchar AS app.mood) WITH INOUT AS IMPLICIT;
CREATE CAST (app.person AS text) WITH INOUT;
COMMENT ON CAST (text AS app.address) IS 'the street';
-- operators
CREATE FUNCTION app.same(a app.mood, b app.mood) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1 = $2';
CREATE FUNCTION app.differs(a app.mood, b app.mood) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1 <> $2';
CREATE FUNCTION app.same(a int, b text) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1::text = $2';
CREATE FUNCTION app.flip(a app.mood) RETURNS text LANGUAGE sql IMMUTABLE AS $$SELECT 'x'$$;
CREATE FUNCTION app.compare(a app.mood, b app.mood) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 0';
CREATE OPERATOR app.=== (LEFTARG = app.mood, RIGHTARG = app.mood, FUNCTION = app.same, COMMUTATOR = OPERATOR(app.===), NEGATOR = OPERATOR(app.!==),
  RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES);
CREATE OPERATOR app.!== (LEFTARG = app.mood, RIGHTARG = app.mood, FUNCTION = app.differs, NEGATOR = OPERATOR(app.===));
CREATE OPERATOR app.=== (LEFTARG = int, RIGHTARG = text, FUNCTION = app.same);
CREATE OPERATOR other.!!! (RIGHTARG = app.mood, FUNCTION = app.flip);
COMMENT ON OPERATOR app.!== (app.mood, app.mood) IS 'not the same';
CREATE OPERATOR FAMILY app.moods USING btree;
CREATE OPERATOR CLASS app.mood_ops FOR TYPE app.mood USING btree FAMILY app.moods AS
  OPERATOR 1 pg_catalog.< (anyenum, anyenum), OPERATOR 3 app.=== (app.mood, app.mood), FUNCTION 1 app.compare(app.mood, app.mood);
CREATE OPERATOR CLASS other.mood_hash DEFAULT FOR TYPE app.floats USING hash AS OPERATOR 1 pg_catalog.= (anyrange, anyrange), FUNCTION 1 hash_range(anyrange);
CREATE OPERATOR FAMILY app.moods USING hash;
ALTER OPERATOR FAMILY app.moods USING hash ADD OPERATOR 1 app.=== (int, text), FUNCTION 1 (text, text) hashtext(text);
CREATE OPERATOR CLASS other.keyed FOR TYPE text USING gin AS OPERATOR 1 pg_catalog.=, FUNCTION 1 bttextcmp(text, text), FUNCTION 2 ginarrayextract(anyarray, internal),
  FUNCTION 3 ginqueryarrayextract(anyarray, internal, smallint, internal, internal, internal, internal), FUNCTION 4 ginarrayconsistent(internal, smallint, anyarray, integer, internal, internal, internal, internal), STORAGE text;
COMMENT ON OPERATOR CLASS app.mood_ops USING btree IS 'by mood';
COMMENT ON OPERATOR FAMILY app.moods USING hash IS 'hashed';
-- languages
CREATE FUNCTION other.handler() RETURNS language_handler LANGUAGE c AS '$libdir/plpgsql', 'plpgsql_call_handler';
CREATE TRUSTED LANGUAGE mine HANDLER other.handler INLINE plpgsql_inline_handler VALIDATOR plpgsql_validator;
CREATE LANGUAGE other_one HANDLER other.handler;
COMMENT ON LANGUAGE mine IS 'speaks';
-- text search
CREATE TEXT SEARCH PARSER app.words (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, LEXTYPES = prsd_lextype, HEADLINE = prsd_headline);
CREATE TEXT SEARCH TEMPLATE app.simple_like (INIT = dsimple_init, LEXIZE = dsimple_lexize);
CREATE TEXT SEARCH TEMPLATE app.bare (LEXIZE = dsimple_lexize);
CREATE TEXT SEARCH DICTIONARY app.stem (TEMPLATE = snowball, LANGUAGE = 'german', STOPWORDS = 'german');
CREATE TEXT SEARCH DICTIONARY app."Own one" (TEMPLATE = app.simple_like, ACCEPT = false);
CREATE TEXT SEARCH DICTIONARY app.bare_one (TEMPLATE = app.bare);
CREATE TEXT SEARCH CONFIGURATION app.german (PARSER = app.words);
ALTER TEXT SEARCH CONFIGURATION app.german ADD MAPPING FOR asciiword, word, hword WITH app.stem, app."Own one", simple;
ALTER TEXT SEARCH CONFIGURATION app.german ADD MAPPING FOR email WITH simple;
CREATE TEXT SEARCH CONFIGURATION other.copied (COPY = english);
COMMENT ON TEXT SEARCH CONFIGURATION app.german IS 'for Germans';
COMMENT ON TEXT SEARCH DICTIONARY app.stem IS 'stems';
COMMENT ON TEXT SEARCH PARSER app.words IS 'cuts';
COMMENT ON TEXT SEARCH TEMPLATE app.bare IS 'no more';
-- statistics
CREATE STATISTICS app.city_zip ON city, zip FROM app.users;
CREATE STATISTICS other.city_zip (ndistinct, mcv) ON city, (lower(zip)), ((id + 1)) FROM app.users;
CREATE STATISTICS other."One" ON (upper(city)) FROM app.users;
ALTER STATISTICS other."One" SET STATISTICS 300;
COMMENT ON STATISTICS app.city_zip IS 'close';
-- foreign data
CREATE FOREIGN DATA WRAPPER plain OPTIONS (a 'b=c', "Z z" 'it''s');
CREATE FOREIGN DATA WRAPPER with_functions HANDLER app.file_fdw_handler VALIDATOR app.file_fdw_validator;
CREATE SERVER files FOREIGN DATA WRAPPER file_fdw;
CREATE SERVER elsewhere TYPE 'a type' VERSION '1.2' FOREIGN DATA WRAPPER plain OPTIONS (host 'db2', port '5432');
CREATE USER MAPPING FOR PUBLIC SERVER elsewhere OPTIONS (user 'them');
CREATE USER MAPPING FOR postgres SERVER elsewhere;
CREATE USER MAPPING FOR PUBLIC SERVER files;
COMMENT ON SERVER elsewhere IS 'far';
COMMENT ON FOREIGN DATA WRAPPER plain IS 'does nothing';
CREATE FOREIGN TABLE app.lines (
  id int OPTIONS (force_not_null 'true') NOT NULL, "Text" varchar(20) OPTIONS (force_null 'true') COLLATE "C" DEFAULT 'x', mood app.mood,
  CONSTRAINT id_positive CHECK (id > 0) NO INHERIT
) SERVER files OPTIONS (filename '/dev/null', format 'csv');
COMMENT ON FOREIGN TABLE app.lines IS 'in a file';
COMMENT ON COLUMN app.lines.id IS 'first';
COMMENT ON CONSTRAINT id_positive ON app.lines IS 'checked elsewhere';
CREATE STATISTICS app.lines_stat ON id, mood FROM app.lines;
-- inherited columns
CREATE TABLE app.events (id int, at date NOT NULL DEFAULT '2020-01-01', note text DEFAULT 'n', n int) PARTITION BY RANGE (at);
CREATE TABLE app.events_old PARTITION OF app.events (note DEFAULT 'old', id NOT NULL) FOR VALUES FROM (MINVALUE) TO ('2024-01-01');
CREATE FOREIGN TABLE app.events_far PARTITION OF app.events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01') SERVER files OPTIONS (filename '/dev/null');
ALTER FOREIGN TABLE app.events_far ALTER COLUMN note DROP DEFAULT, ALTER COLUMN n SET DEFAULT 4;
CREATE TABLE app.base (a int, b text DEFAULT 'b');
CREATE TABLE app.child (c int) INHERITS (app.base);
ALTER TABLE app.child ALTER COLUMN a SET NOT NULL, ALTER COLUMN a SET DEFAULT -1, ALTER COLUMN b DROP DEFAULT;
CREATE TABLE app.grandchild () INHERITS (app.child);
ALTER TABLE app.grandchild ALTER COLUMN c SET DEFAULT 7;
COMMENT ON COLUMN app.child.b IS 'of the child';
COMMENT ON COLUMN app.grandchild.b IS 'of the grandchild';
CREATE FOREIGN TABLE app.far_child (d int) INHERITS (app.base) SERVER files OPTIONS (filename '/dev/null');
-- publications
CREATE PUBLICATION everything FOR ALL TABLES WITH (publish_via_partition_root = true);
CREATE PUBLICATION part FOR TABLE app.users, app.events_old WITH (publish = 'insert, delete');
CREATE PUBLICATION "None yet" WITH (publish = '');
COMMENT ON PUBLICATION part IS 'a part';
GRANT USAGE ON FOREIGN SERVER elsewhere TO PUBLIC;
REVOKE USAGE ON TYPE app.positive FROM PUBLIC;
GRANT USAGE ON LANGUAGE mine TO PUBLIC;
GRANT SELECT ON app.lines TO PUBLIC;
