package hcl

import "testing"

// TestOpenWords holds that an attribute with an open list takes other bare words, but no word that means something.
func TestOpenWords(t *testing.T) {
	voc := Vocabulary{Dialect: "test", Blocks: []*BlockSpec{{
		Type: "index", Labels: OneLabel, Attrs: []AttrSpec{
			{Name: "ops", Takes: Word | Expr, Words: []string{"int4_ops"}, Open: true},
			{Name: "type", Takes: Word, Words: []string{"BTREE"}},
		},
	}}}
	for _, tt := range []struct{ attr, text, fault string }{
		{"ops = int4_ops", "int4_ops", ""},
		{"ops = vector_cosine_ops", "vector_cosine_ops", ""},
		{`ops = "any_ops"`, "any_ops", ""},
		{"ops = local", "", "wrong-type"},
		{"type = BTREEE", "", "unknown-word"},
	} {
		blocks, faults := Eval([]File{{Name: "x.hcl", Text: []byte("index \"i\" {\n  " + tt.attr + "\n}\n")}}, voc, Inputs{})
		switch {
		case tt.fault == "" && len(faults) == 0:
			if got := blocks[0].Text("ops"); got != tt.text {
				t.Errorf("%s is read as %q", tt.attr, got)
			}
		case len(faults) != 1 || faults[0].Code != tt.fault:
			t.Errorf("%s: got %v, want %q", tt.attr, faults, tt.fault)
		}
	}
}

func TestVariables(t *testing.T) {
	got := Variables([]File{
		{Name: "a.hcl", Text: []byte("variable \"a\" {\n}\ntable \"t\" {\n}\n")},
		{Name: "broken.hcl", Text: []byte("variable \"x\" {")},
		{Name: "b.hcl", Text: []byte("variable \"b\" {\n  type = string\n}\n")},
	})
	if len(got) != 2 || got[0] != "a" || got[1] != "b" {
		t.Errorf("got %v", got)
	}
}
