-- need mariadb
CREATE TABLE t (a json, b longtext CHECK (json_valid(b)), CONSTRAINT c CHECK (json_length(a) > 0));
