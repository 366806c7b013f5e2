CREATE TABLE t (a char, b char(10), c varchar(200), d nchar(5), e nvarchar(5), f char(3) CHARACTER SET latin1 COLLATE latin1_bin, g char(3) CHARACTER SET binary);
