CREATE TABLE t (id int, a int, PRIMARY KEY (id) COMMENT 'pk', KEY a (a) COMMENT 'it''s a');
