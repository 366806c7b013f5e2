-- need mysql
-- gap only NDB heeds it, and it stands only in SHOW CREATE TABLE
CREATE TABLE t (a int STORAGE DISK, b int STORAGE MEMORY);
