CREATE TABLE t (a varchar(10) COLLATE utf8mb4_bin, b varchar(10) CHARACTER SET latin1, d text COLLATE latin1_general_cs) DEFAULT CHARSET=utf8mb4;
