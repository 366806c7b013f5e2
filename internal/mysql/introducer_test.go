package mysql

import "testing"

func TestClientsOfStrings(t *testing.T) {
	tests := []struct {
		a, b string
		same bool
	}{
		{"json_extract(`a`,_utf8mb4'$.x')", "json_extract(`a`,_utf8mb3'$.x')", true},
		{"concat(_latin1'a''b\\'c',_utf8mb4'')", "concat(_utf8mb4'a''b\\'c',_utf8mb3'')", true},
		{"(`a` = _utf8mb4'x')", "(`a` = 'x')", true},
		{"(`a` = _utf8mb4'ä')", "(`a` = _latin1'ä')", false},
		{"(`a` = _binary'x')", "(`a` = _utf8mb4'x')", false},
		{"(`a` = _utf16'x')", "(`a` = _utf8mb4'x')", false},
		{"(`a` = _utf8mb4'x')", "(`a` = _utf8mb3'y')", false},
		{"(`a` = '_utf8mb4''x')", "(`a` = '_utf8mb3''x')", false},
		{"(`a` = `_utf8mb4'x'`)", "(`a` = `_utf8mb3'x'`)", false},
		{"(`a` = 'it\\'s _utf8mb4')", "(`a` = 'it\\'s _utf8mb3')", false},
		{"(my_utf8mb4'x')", "(my_utf8mb3'x')", false},
		{"_utf8mb4'open", "_utf8mb3'open", true},
		{"_", "_", true},
	}
	for _, tt := range tests {
		if got := sameExpr(tt.a, tt.b); got != tt.same {
			t.Errorf("%s and %s: the same %t, want %t", tt.a, tt.b, got, tt.same)
		}
	}
}
