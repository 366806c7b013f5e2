package mysql

import "testing"

func TestNestedLists(t *testing.T) {
	for _, tt := range []struct{ in, kept, without string }{
		{"((`a` > 1) and ((`b` <> 7) and (`b` is not null)))", "((`a` > 1) and (not(not((`b` <> 7) and (`b` is not null)))))", "((`a` > 1) and (`b` <> 7) and (`b` is not null))"},
		{"((`a` > 1) or ((`b` <> 7) or ((`b` = 1) or (`c` = 3))))",
			"((`a` > 1) or (not(not((`b` <> 7) or (not(not((`b` = 1) or (`c` = 3))))))))", "((`a` > 1) or (`b` <> 7) or (`b` = 1) or (`c` = 3))"},
		{"((`a` > 1) and ((`b` <> 7) or (`b` is null)))", "", ""},
		{"(`a` between 1 and (`b` and `c`))", "", ""},
		{"(`a` = ' and (x and y) and ')", "", ""},
		{"if((`a` and (f(`b` and `c`))),1,2)", "", ""},
		{"coalesce(((`a`) and (`b`)),((`c`) and (`d`)))", "", ""},
		{"(`é` and (`ü` and `ä`))", "(`é` and (not(not(`ü` and `ä`))))", "(`é` and `ü` and `ä`)"},
	} {
		if tt.kept == "" {
			tt.kept, tt.without = tt.in, tt.in
		}
		if got := keepNested(tt.in); got != tt.kept {
			t.Errorf("keepNested(%s)\n got %s\nwant %s", tt.in, got, tt.kept)
		}
		if got := withoutNested(tt.in); got != tt.without {
			t.Errorf("withoutNested(%s)\n got %s\nwant %s", tt.in, got, tt.without)
		}
		if !sameExpr(tt.kept, tt.kept) || !sameExpr(tt.in, tt.without) {
			t.Errorf("%s is not the same as %s", tt.in, tt.without)
		}
	}
}
