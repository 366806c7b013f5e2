-- need mysql
CREATE TABLE t (a int) COMPRESSION='zlib';
