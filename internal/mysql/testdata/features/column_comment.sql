CREATE TABLE t (a int COMMENT 'it''s "a" \\ b', b int COMMENT 'two
lines', c int COMMENT 'ünï');
