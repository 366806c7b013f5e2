-- need mysql
CREATE TABLE t (a int NOT NULL) ENGINE=ARCHIVE;
