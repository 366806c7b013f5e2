CREATE TABLE t (a int(5) zerofill, b int(7), c decimal(8,2) zerofill);
