-- need mysql
-- gap only NDB heeds it, and it stands only in SHOW CREATE TABLE
CREATE TABLE t (a int COLUMN_FORMAT DYNAMIC, b int COLUMN_FORMAT FIXED);
