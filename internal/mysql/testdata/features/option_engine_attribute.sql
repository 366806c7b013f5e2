-- need mysql
-- unmanaged
CREATE TABLE t (a int) SECONDARY_ENGINE_ATTRIBUTE='{"a": 1}';
