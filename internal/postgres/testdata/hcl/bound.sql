-- One schema: its own objects, names without a schema, and a key to a table of another schema.
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TABLE users (id bigserial PRIMARY KEY, feels mood NOT NULL DEFAULT 'ok', moods mood[]);
CREATE TABLE posts (id int PRIMARY KEY, user_id bigint REFERENCES users (id), n int CHECK (n > 0));
