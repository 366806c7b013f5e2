-- from
CREATE TABLE p (id char(36) PRIMARY KEY, o int UNIQUE, big varchar(700));
CREATE TABLE c (id int PRIMARY KEY, p char(36), o int, note varchar(768), n int,
  CONSTRAINT c_p FOREIGN KEY (p) REFERENCES p (id) ON DELETE CASCADE, CONSTRAINT c_o FOREIGN KEY (o) REFERENCES p (o));
-- to
CREATE TABLE p (id char(36) PRIMARY KEY, o int NOT NULL UNIQUE, big varchar(200));
CREATE TABLE c (id int PRIMARY KEY, p char(36) NOT NULL, o int NOT NULL, note varchar(255), n int NOT NULL,
  CONSTRAINT c_p FOREIGN KEY (p) REFERENCES p (id) ON DELETE CASCADE, CONSTRAINT c_o FOREIGN KEY (o) REFERENCES p (o));
