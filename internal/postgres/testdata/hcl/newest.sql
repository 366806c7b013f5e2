-- need: 18
CREATE TABLE t (
  a int, b int,
  v int GENERATED ALWAYS AS (a + b) VIRTUAL,
  z text STORAGE MAIN COMPRESSION pglz,
  during daterange,
  CONSTRAINT u UNIQUE NULLS NOT DISTINCT (a),
  CONSTRAINT c CHECK (a > 0) NOT ENFORCED
);
CREATE UNIQUE INDEX nd ON t (b) NULLS NOT DISTINCT;
CREATE TABLE f (x int, y int, PRIMARY KEY (x, y));
CREATE TABLE g (x int, y int, FOREIGN KEY (x, y) REFERENCES f ON DELETE SET NULL (y));
CREATE TABLE serials (id serial8 PRIMARY KEY, n int NOT NULL);
CREATE TABLE rooms (id int4range, during daterange, name tsrange, CONSTRAINT rooms_name UNIQUE (name, during WITHOUT OVERLAPS), PRIMARY KEY (id, during WITHOUT OVERLAPS));
CREATE TABLE bookings (room int4range, during daterange,
  CONSTRAINT of_room FOREIGN KEY (room, PERIOD during) REFERENCES rooms (id, PERIOD during),
  CONSTRAINT loose FOREIGN KEY (room, PERIOD during) REFERENCES rooms (id, PERIOD during) NOT ENFORCED,
  CONSTRAINT positive CHECK (NOT isempty(room)) NO INHERIT NOT ENFORCED);
CREATE VIEW invoked WITH (security_invoker) AS SELECT room FROM bookings;
CREATE TABLE filled (id int CONSTRAINT "Key is there" NOT NULL PRIMARY KEY, a int CONSTRAINT a_there NOT NULL NO INHERIT, b int NOT NULL NO INHERIT, c int, d text NOT NULL);
ALTER TABLE filled ADD CONSTRAINT c_there NOT NULL c NOT VALID;
