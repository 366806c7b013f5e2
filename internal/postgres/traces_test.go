package postgres

import "testing"

func TestLeavesTraces(t *testing.T) {
	t.Parallel()
	for statement, want := range map[string]bool{
		"CREATE TABLE t (id int)": false,
		"create role r":           true,
		"CREATE USER u":           true,
		"CREATE SUBSCRIPTION s CONNECTION '' PUBLICATION p":      true, // it would connect
		"CREATE USER MAPPING FOR CURRENT_USER SERVER s":          false,
		"COMMENT ON DATABASE d IS 'x'":                           true,
		"COMMENT ON SCHEMA public IS 'x'":                        false, // put back
		"ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO r":   true,
		"ALTER SCHEMA public OWNER TO r":                         true,
		"ALTER SCHEMA publications OWNER TO r":                   false,
		"DROP SCHEMA IF EXISTS public":                           true,
		"GRANT SELECT ON t TO PUBLIC":                            false,
		"GRANT SELECT, INSERT (a) ON TABLE t, u TO PUBLIC":       false,
		"GRANT USAGE ON SCHEMA app TO PUBLIC":                    false,
		"GRANT USAGE ON SCHEMA public TO r":                      true,
		"REVOKE ALL\nON SCHEMA app, \"public\" FROM PUBLIC":      true,
		"GRANT CONNECT ON DATABASE d TO r":                       true,
		"GRANT r TO s":                                           true,
		"CREATE EXTENSION citext":                                false,
		"DROP EXTENSION plpgsql":                                 true,
		"CREATE FUNCTION role() RETURNS int LANGUAGE sql AS '1'": false,
	} {
		if got := leavesTraces(statement); got != want {
			t.Errorf("leavesTraces(%q): got %v, want %v", statement, got, want)
		}
	}
}
