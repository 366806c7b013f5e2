-- gap that BTREE or HASH was written for InnoDB, which means nothing, stands only in SHOW CREATE TABLE
CREATE TABLE t (a int, KEY a (a) USING BTREE, KEY h (a) USING HASH);
