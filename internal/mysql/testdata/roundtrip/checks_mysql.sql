-- need mysql
-- from
CREATE TABLE t (a int, CONSTRAINT soft CHECK (a > 0) NOT ENFORCED, CONSTRAINT hard CHECK (a < 9));
-- to
CREATE TABLE t (a int, CONSTRAINT soft CHECK (a > 0), CONSTRAINT hard CHECK (a < 9) NOT ENFORCED, CONSTRAINT new CHECK (a <> 5) NOT ENFORCED);
