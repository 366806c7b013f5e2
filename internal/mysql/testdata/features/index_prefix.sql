CREATE TABLE t (a varchar(100), b text, c blob, KEY a (a(10)), UNIQUE KEY b (b(20), c(30)));
