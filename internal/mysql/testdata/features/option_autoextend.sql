-- need mysql
-- gap it stands only in SHOW CREATE TABLE
CREATE TABLE t (a int) AUTOEXTEND_SIZE=4M;
