CREATE TABLE t (a tinyblob, b blob, c mediumblob, d longblob, e tinytext, f text, g mediumtext, h longtext, i text(100), j blob(70000), k text CHARACTER SET ascii);
