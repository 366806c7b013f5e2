-- need mysql
CREATE TABLE t (a varchar(10) CHARACTER SET latin1 COLLATE latin1_swedish_ci) DEFAULT CHARSET=latin1;
