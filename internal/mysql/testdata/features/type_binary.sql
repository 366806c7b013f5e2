CREATE TABLE t (a binary, b binary(10), c varbinary(100) DEFAULT 'ab', d binary(3) DEFAULT 0x414243);
