CREATE TABLE p (id int PRIMARY KEY, code varchar(10) NOT NULL, UNIQUE KEY code (code));
CREATE TABLE c (code varchar(10), CONSTRAINT f FOREIGN KEY (code) REFERENCES p (code));
