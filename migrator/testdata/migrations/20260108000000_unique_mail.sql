CREATE UNIQUE INDEX users_mail ON users (mail);
