-- Users get roles.
CREATE TABLE roles (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name varchar(50) NOT NULL CONSTRAINT roles_name_key UNIQUE
);

CREATE TABLE user_roles (
  user_id uuid CONSTRAINT user_roles_user_id_fkey REFERENCES users ON DELETE CASCADE,
  role_id bigint CONSTRAINT user_roles_role_id_fkey REFERENCES roles ON DELETE RESTRICT,
  PRIMARY KEY (user_id, role_id)
);
CREATE INDEX user_roles_role_id_idx ON user_roles (role_id);
