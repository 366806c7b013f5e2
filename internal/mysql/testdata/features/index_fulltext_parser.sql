-- need mysql
CREATE TABLE t (a text, FULLTEXT KEY a (a) WITH PARSER ngram);
