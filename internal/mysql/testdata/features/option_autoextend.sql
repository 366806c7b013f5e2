-- need mysql
CREATE TABLE t (a int) AUTOEXTEND_SIZE=4M;
