-- unmanaged
CREATE TABLE t (a int) CONNECTION='mysql://user:geheim@host/db';
