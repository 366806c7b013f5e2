CREATE TABLE t (a date, b time, c time(3), d datetime, e datetime(6), f timestamp NULL, g timestamp(2) NULL, h year, i year(4));
