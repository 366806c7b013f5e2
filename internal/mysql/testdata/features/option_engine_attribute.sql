-- need mysql
CREATE TABLE t (a int) SECONDARY_ENGINE_ATTRIBUTE='{"a": 1}';
