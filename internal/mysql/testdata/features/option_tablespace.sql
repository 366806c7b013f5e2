-- need mysql
-- unmanaged
CREATE TABLE t (a int) TABLESPACE innodb_system;
