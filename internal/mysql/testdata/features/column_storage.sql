-- need mysql
CREATE TABLE t (a int STORAGE DISK, b int STORAGE MEMORY);
