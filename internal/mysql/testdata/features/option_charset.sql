CREATE TABLE a (x text) DEFAULT CHARSET=latin1;
CREATE TABLE b (x text) COLLATE=utf8mb4_unicode_ci;
CREATE TABLE c (x text) CHARACTER SET ucs2;
CREATE TABLE d (x varchar(10)) CHARACTER SET utf8mb3;
CREATE TABLE e (x varchar(10)) CHARACTER SET binary;
