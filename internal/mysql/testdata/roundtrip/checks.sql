-- from
CREATE TABLE t (a int, b varchar(10), CONSTRAINT positive CHECK (a > 0), CONSTRAINT words CHECK (b IN ('x', 'it''s', 'a\\b')));
CREATE TABLE gone (a int, CONSTRAINT moved CHECK (a < 5));
-- to
CREATE TABLE t (a int, b varchar(10), c int, CONSTRAINT positive CHECK (a > 1 AND c < 9), CONSTRAINT more CHECK (b <> 'q'));
CREATE TABLE other (a int, CONSTRAINT moved CHECK (a < 5));
