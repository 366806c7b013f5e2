CREATE TABLE t (a decimal, b decimal(5), c numeric(10,3) unsigned, d dec(65,30), e fixed(4,1));
