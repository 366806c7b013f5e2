CREATE TABLE t (a int);
create trigger  One before  insert on t for each row
 set NEW.a = 1;
