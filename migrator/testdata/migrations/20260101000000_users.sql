CREATE TABLE users (id int PRIMARY KEY, mail varchar(100) NOT NULL);
