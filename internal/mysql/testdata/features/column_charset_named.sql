-- need mysql
-- gap that a collation was written although it is the table's is read for desired states only
CREATE TABLE t (a varchar(10) CHARACTER SET latin1 COLLATE latin1_swedish_ci) DEFAULT CHARSET=latin1;
