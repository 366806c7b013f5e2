package atlas

import "testing"

// TestTypeNames says how types of times are read: a precision of 6 is what they have without one.
func TestTypeNames(t *testing.T) {
	types := PostgresTypes()
	for _, tt := range []struct{ name, sql string }{
		{"timestamptz", "timestamp with time zone"},
		{"timestamp_with_time_zone", "timestamp with time zone"},
		{"timestamp_without_time_zone", "timestamp without time zone"},
		{"time_with_time_zone", "time with time zone"},
		{"time_without_time_zone", "time without time zone"},
	} {
		if got, ok := types.SQL(types.Words[tt.name]); !ok || got != tt.sql {
			t.Errorf("%s is %q, want %q", tt.name, got, tt.sql)
		}
	}
	for _, tt := range []struct{ sql, expr string }{
		{"timestamp with time zone", "timestamptz"},
		{"timestamp(3) with time zone", "timestamptz(3)"},
		{"timestamp(6) with time zone", ""}, // the server tells it from no precision, Atlas's HCL does not
		{"character varying(255)", "character_varying(255)"},
		{"numeric(10,2)", "numeric(10, 2)"},
		{"interval second(3)", "second(3)"},
	} {
		if got, _ := types.HCL(tt.sql); got != tt.expr {
			t.Errorf("%s is written %q, want %q", tt.sql, got, tt.expr)
		}
	}
}
