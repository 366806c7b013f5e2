-- need mysql
CREATE TABLE t (a int) SECONDARY_ENGINE=rapid;
