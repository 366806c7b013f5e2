CREATE TABLE t (a varchar(100), b text, FULLTEXT KEY ab (a, b));
