package postgres

import "testing"

func TestRespell(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"the array of an IN list", `((s)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[]))`,
			`((s)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying]::character varying[])::text[]))`},
		{"brackets and quotes in the elements", `(ARRAY['a]'')'::character varying])::text[]`, `(ARRAY['a]'')'::character varying]::character varying[])::text[]`},
		{"elements that are cast themselves", `(ARRAY[('a'::character varying)::text])::text[]`, `(ARRAY[('a'::character varying)::text])::text[]`},
		{"the same type", `(ARRAY['a'::text])::text[]`, `(ARRAY['a'::text])::text[]`},
		{"no cast of the array", `= ANY (ARRAY['a'::text])`, `= ANY (ARRAY['a'::text])`},
		{"inside a string", `'(ARRAY[''a''::character varying])::text[]'`, `'(ARRAY[''a''::character varying])::text[]'`},
		{"inside a body", `$f$(ARRAY['a'::character varying])::text[]$f$`, `$f$(ARRAY['a'::character varying])::text[]$f$`},
		{"cut short", `(ARRAY['a'::character varying`, `(ARRAY['a'::character varying`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := respell(tt.in); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func FuzzRespell(f *testing.F) {
	f.Add(`(ARRAY['a'::character varying])::text[]`)
	f.Add(`(ARRAY[$a$`)
	f.Fuzz(func(t *testing.T, s string) {
		once := respell(s)
		if twice := respell(once); twice != once {
			t.Errorf("not stable: %q, %q, %q", s, once, twice)
		}
	})
}
