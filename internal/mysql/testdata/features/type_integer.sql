CREATE TABLE t (a tinyint, b smallint, c mediumint, d int, e integer, f bigint, g bool, h tinyint(1) unsigned, i int unsigned NOT NULL, j serial);
