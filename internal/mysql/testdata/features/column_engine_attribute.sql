-- need mysql
-- gap only secondary engines heed it, and it is read of tables only
CREATE TABLE t (a int SECONDARY_ENGINE_ATTRIBUTE '{"k": 1}', b int);
