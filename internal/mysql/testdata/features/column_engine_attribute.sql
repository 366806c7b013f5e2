-- need mysql
CREATE TABLE t (a int SECONDARY_ENGINE_ATTRIBUTE '{"k": 1}', b int);
