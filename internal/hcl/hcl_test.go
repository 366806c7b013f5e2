package hcl_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/zclconf/go-cty/cty"

	"github.com/schemactl/schemactl/internal/hcl"
)

// vocabulary is a small language: things with parts.
func vocabulary() hcl.Vocabulary {
	part := &hcl.BlockSpec{Type: "part", Labels: hcl.OneLabel, Attrs: []hcl.AttrSpec{
		{Name: "size", Takes: hcl.Number}, {Name: "text", Takes: hcl.Expr}, {Name: "longer", Takes: hcl.String},
	}}
	return hcl.Vocabulary{
		Dialect: "Test",
		Blocks: []*hcl.BlockSpec{
			{Type: "thing", Labels: hcl.Qualified, Attrs: []hcl.AttrSpec{
				{Name: "name", Takes: hcl.String},
				{Name: "text", Takes: hcl.Expr},
				{Name: "size", Takes: hcl.Number},
				{Name: "on", Takes: hcl.Bool},
				{Name: "list", Takes: hcl.String, List: true},
				{Name: "fields", Takes: hcl.Object},
				{Name: "color", Takes: hcl.Word, Words: []string{"RED", "DARK_BLUE"}},
				{Name: "of", Takes: hcl.Reference, Refs: []string{"thing", "thing.part"}},
				{Name: "parts", Takes: hcl.Reference, Refs: []string{"thing.part"}, List: true},
			}, Blocks: []*hcl.BlockSpec{part, {Type: "options", Single: true, Any: hcl.Number | hcl.Bool | hcl.String}}},
		},
	}
}

func eval(t *testing.T, text string, vars map[string][]string) []*hcl.Block {
	t.Helper()
	blocks, faults := hcl.Eval([]hcl.File{{Name: "x.hcl", Text: []byte(text)}}, vocabulary(), hcl.Inputs{Vars: vars})
	if err := faults.Err(); err != nil {
		t.Fatal(err)
	}
	return blocks
}

// plain makes evaluated blocks writable: what was read is written as a value.
func plain(blocks []*hcl.Block) []*hcl.Block {
	for _, b := range blocks {
		for i := range b.Attrs {
			if ref := &b.Attrs[i].Value.Ref; ref.Target != nil {
				ref.Path = append([]string{ref.Target.Type}, ref.Target.Labels...)
			}
			for j := range b.Attrs[i].Value.List {
				if ref := &b.Attrs[i].Value.List[j].Ref; ref.Target != nil {
					ref.Path = append([]string{ref.Target.Type}, ref.Target.Labels...)
				}
			}
		}
		plain(b.Blocks)
	}
	return blocks
}

func TestEval(t *testing.T) {
	tests := []struct {
		name, text string
		vars       map[string][]string
		want       string
	}{
		{"values", `thing "a" {
  text  = sql("now()")
  size  = 2.50
  on    = 1 < 2
  list  = ["x", upper("y")]
  color = RED
}`, nil, `thing "a" {
  text  = sql("now()")
  size  = 2.5
  on    = true
  list  = ["x", "Y"]
  color = RED
}
`},
		{"steps with escapes", "thing \"$${a}\" {\n  part \"%%{b}\" {}\n}\nthing \"c\" {\n  of = thing[\"$${a}\"].part[\"%%{b}\"]\n}", nil,
			"thing \"$${a}\" {\n  part \"%%{b}\" {\n  }\n}\n\nthing \"c\" {\n  of = part[\"%%{b}\"]\n}\n"},
		{"null is absent", `thing "a" {
  size = null
  list = [null, "x"]
}`, nil, "thing \"a\" {\n  list = [\"x\"]\n}\n"},
		{"words from elsewhere", `locals { c = "dark blue" }
thing "a" { color = local.c }
thing "b" { color = true ? RED : DARK_BLUE }
thing "c" { color = "RED" }`, nil, "thing \"a\" {\n  color = DARK_BLUE\n}\n\nthing \"b\" {\n  color = RED\n}\n\nthing \"c\" {\n  color = RED\n}\n"},
		{"variables", `variable "n" {
  type    = number
  default = 1
}
variable "many" {
  type = list(string)
}
variable "object" {
  type = object({ a = string, b = number })
}
variable "last" {}
locals {
  b = "${local.a}!"
  a = var.last
}
thing "a" {
  size = var.n + var.object.b
  list = var.many
  text = "${local.b}${var.object.a}"
}`, map[string][]string{"many": {"x", "y"}, "object": {`{"a": "o", "b": 5}`}, "last": {"no", "yes"}, "n": {"7"}},
			"thing \"a\" {\n  size = 12\n  list = [\"x\", \"y\"]\n  text = \"yes!o\"\n}\n"},
		{"references", `thing "a" {
  of = part.x
  parts = [part.x, thing.b.part["odd name"], thing.q.c.part.p]
  part "x" {}
}
thing "b" {
  of = thing.a
  text = "${thing.a.name}/${thing.b.part["odd name"].size}"
  part "odd name" { size = 3 }
}
thing "q" "c" {
  of = thing["q"]["c"]
  part "p" {}
}`, nil, `thing "a" {
  of    = part.x
  parts = [part.x, part["odd name"], part.p]
  part "x" {
  }
}

thing "b" {
  of   = thing.a
  text = "a/3"
  part "odd name" {
    size = 3
  }
}

thing "q" "c" {
  of = thing.q.c
  part "p" {
  }
}
`},
		{"for_each", `thing "each" {
  for_each = { one = 1, two = 2 }
  name     = each.key
  size     = each.value
  of       = part.x
  part "x" { size = each.value * 10 }
}
thing "ref" {
  for_each = [thing.a, thing.b]
  of       = each.value
  text     = each.value.name
}
thing "set" {
  for_each = toset(["k"])
  name     = each.value
}
thing "a" {}
thing "b" {}`, nil, `thing "a" {
}

thing "b" {
}

thing "each" {
  name = "one"
  size = 1
  of   = part.x
  part "x" {
    size = 10
  }
}

thing "each" {
  name = "two"
  size = 2
  of   = part.x
  part "x" {
    size = 20
  }
}

thing "ref" {
  of   = thing.a
  text = "a"
}

thing "ref" {
  of   = thing.b
  text = "b"
}

thing "set" {
  name = "k"
}
`},
		{"dynamic", `variable "names" {
  type    = list(string)
  default = ["p", "q"]
}
thing "a" {
  parts = [part.p, part.q]
  dynamic "part" {
    for_each = var.names
    iterator = it
    labels   = [it.value]
    content {
      size = it.key
      text = it.value
    }
  }
  dynamic "options" {
    for_each = [true]
    content {
      odd = options.value
    }
  }
}`, nil, `thing "a" {
  parts = [part.p, part.q]
  part "p" {
    size = 0
    text = "p"
  }
  part "q" {
    size = 1
    text = "q"
  }
  options {
    odd = true
  }
}
`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := string(hcl.Write(plain(eval(t, tt.text, tt.vars)))); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

// TestEvalReadsFilesTogether shows that neither the order of files nor where variables stand makes a difference.
func TestEvalReadsFilesTogether(t *testing.T) {
	files := []hcl.File{
		{Name: "a.hcl", Text: []byte("thing \"a\" {\n  of = thing.b\n  text = local.x\n}\n")},
		{Name: "b.hcl", Text: []byte("thing \"b\" {}\nlocals {\n  x = var.v\n}\n")},
		{Name: "c.hcl", Text: []byte("variable \"v\" {\n  default = \"w\"\n}\n")},
	}
	blocks, faults := hcl.Eval(files, vocabulary(), hcl.Inputs{})
	if faults.Err() != nil || len(blocks) != 2 {
		t.Fatal(faults.Err(), len(blocks))
	}
	if blocks[0].Text("text") != "w" || blocks[0].Pos.String() != "a.hcl:1:1" || blocks[1].Pos.String() != "b.hcl:1:1" {
		t.Errorf("%+v %+v", blocks[0], blocks[1])
	}
	for i := range files {
		files[i].Text = append(files[i].Text, "oops"...)
	}
	if _, faults := hcl.Eval(files, vocabulary(), hcl.Inputs{}); len(faults) != 3 {
		t.Errorf("syntax errors of three files: got %v", faults)
	}
}

// TestWriteKeepsTexts writes texts as strings and as code and reads them again.
func TestWriteKeepsTexts(t *testing.T) {
	for _, text := range []string{
		"", "plain", "two\nlines", "two\nlines\n", "  indented\nline\n", "  all\n  indented\n", "a\n\nb\n", "a\n \nb\n", "tab\there\n",
		"\n", "\n\n", "\na\n", "a\n\n", "quote \" and \\ back", "${x} %{y} $${z}", "line ${x}\nand %{y}\n", "a\r\nb\r\n", "SQL\nTEXT\n", "é \u200b \x01 \U0001F600",
		"$", "%", "${", "$$", "ends with $\n{\n", "trailing space \nx\n",
		"\nBEGIN\n  RETURN 1;\nEND;\n", "\n  BEGIN\n    \n  END", "a\n$${1,2}$$\n", "a\n%%{b\n$", "a\n${x} %{y}\n\n", "a\n  SQL\nb", "\tx\n\ty",
	} {
		b := &hcl.Block{Type: "thing", Labels: []string{"x" + text}}
		b.Set("text", hcl.Str(text))
		part := b.Add("part", "p")
		part.Set("text", hcl.Code(text))
		body := b.Add("part", "q")
		body.Set("text", hcl.Body(text))
		body.Set("longer", hcl.Str("q"))
		out := hcl.Write([]*hcl.Block{b})
		if formatted := hcl.Format(out); string(formatted) != string(out) {
			t.Errorf("%q: written\n%sformatted\n%s", text, out, formatted)
		}
		back := eval(t, string(out), nil)[0]
		if got := back.Text("text"); got != text {
			t.Errorf("string %q came back as %q from\n%s", text, got, out)
		}
		if got := back.Only("part").Text("text"); got != text && got != text+"\n" {
			t.Errorf("code %q came back as %q from\n%s", text, got, out)
		}
		if got := back.Nested("part")[1].Text("text"); got != text {
			t.Errorf("body %q came back as %q from\n%s", text, got, out)
		}
		if back.Labels[0] != "x"+text {
			t.Errorf("label %q came back as %q", "x"+text, back.Labels[0])
		}
	}
}

// TestObjects reads objects in their order, wherever their values come from, and writes them.
func TestObjects(t *testing.T) {
	source := "thing \"x\" {\n  name = \"x\"\n  fields = {\n    z       = \"1\"\n    \"a.b c\" = 2\n    on      = true\n  }\n  size = 3\n}\n"
	blocks := eval(t, source, nil)
	fields, _ := blocks[0].Attr("fields")
	if len(fields.Fields) != 3 || fields.Fields[0].Name != "z" || fields.Fields[1].Value.Text != "2" || !fields.Fields[2].Value.Bool {
		t.Errorf("got %+v", fields)
	}
	if out := string(hcl.Write(blocks)); out != string(hcl.Format([]byte(out))) || string(hcl.Write(eval(t, out, nil))) != out {
		t.Errorf("written\n%s\nformatted\n%s", out, hcl.Format([]byte(out)))
	}
	blocks = eval(t, "locals {\n  o = { b = 1, a = null }\n}\nthing \"x\" {\n  fields = merge(local.o, { c = \"x\" })\n}\n", nil)
	if fields, _ := blocks[0].Attr("fields"); len(fields.Fields) != 2 || fields.Fields[1].Name != "c" {
		t.Errorf("got %+v", fields)
	}
	for text, want := range map[string]string{
		"{ a = [1] }": `"fields.a" takes a string, a number or true or false, not a list`, "{ a = 1, a = 2 }": `"fields" has the name "a" twice`,
		"{ (1) = 2 }": `the names of "fields" are words or strings`, "[1]": `"fields" takes an object, not a list`,
	} {
		_, faults := hcl.Eval([]hcl.File{{Name: "x.hcl", Text: []byte("thing \"x\" {\n  fields = " + text + "\n}\n")}}, vocabulary(), hcl.Inputs{})
		if err := faults.Err(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
}

func TestWriteBreaksLongLists(t *testing.T) {
	b := &hcl.Block{Type: "thing", Labels: []string{"x"}}
	var items []hcl.Value
	for range 12 {
		items = append(items, hcl.Str("0123456789"))
	}
	b.Set("name", hcl.Str("x"))
	b.Set("list", hcl.Items(items...))
	b.Set("on", hcl.Flag(true))
	out := hcl.Write([]*hcl.Block{b})
	if formatted := hcl.Format(out); string(formatted) != string(out) || strings.Count(string(out), "\n") != 18 {
		t.Errorf("written\n%sformatted\n%s", out, formatted)
	}
}

func FuzzEval(f *testing.F) {
	for _, seed := range []string{
		"", "thing \"a\" {\n  of = thing.b\n}\n", "thing \"a\" \"b\" {\n  part \"x\" {}\n  parts = [part.x, thing.a.b]\n}\n",
		"variable \"x\" {\n  type = list(string)\n}\nlocals {\n  a = local.a\n}\n",
		"thing \"a\" {\n  for_each = thing\n  dynamic \"part\" {\n    for_each = [1]\n    labels = [part.key]\n    content {}\n  }\n}\n",
		"thing \"a\" {\n  text = <<-X\n  ${thing.a[\"b\"].c}\n  X\n}\n", "thing \"a\" {\n  of = thing[0]\n  on = thing.a.of.of\n}\n",
		"thing \"a\" {\n  list = [for x in thing.a : x]\n  size = jsondecode(\"1e400\")\n}\n",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		blocks, faults := hcl.Eval([]hcl.File{{Name: "x.hcl", Text: []byte(text)}}, vocabulary(), hcl.Inputs{})
		for _, d := range faults {
			if d.Pos.IsZero() {
				t.Errorf("a fault without a place: %v", d)
			}
			_ = d.Error()
		}
		if faults.Err() == nil {
			_ = hcl.Write(blocks)
		}
	})
}

// FuzzFormat checks that formatting settles, and that what is written is in the layout that formatting makes.
func FuzzFormat(f *testing.F) {
	f.Add("a = 1\nbb = [\n1,\n2]\nx \"y\" {\nz=1\n}\n")
	f.Add("\n\u06130")
	f.Fuzz(func(t *testing.T, text string) {
		_ = hcl.Format([]byte(text))
		b := &hcl.Block{Type: "thing", Labels: []string{"x"}}
		b.Set("text", hcl.Str(text))
		b.Set("on", hcl.Flag(true))
		b.Add("part", "p").Set("text", hcl.Code(text))
		q := b.Add("part", "q")
		q.Set("text", hcl.Body(text))
		q.Set("longer", hcl.Str("q"))
		out := hcl.Write([]*hcl.Block{b})
		if utf8.ValidString(text) && cty.StringVal(text).AsString() == text { // HCL knows composed characters only
			if got := eval(t, string(out), nil)[0].Nested("part")[1].Text("text"); got != text {
				t.Errorf("body %q came back as %q from\n%s", text, got, out)
			}
		}
		if formatted := hcl.Format(out); string(formatted) != string(out) {
			t.Errorf("written\n%sformatted\n%s", out, formatted)
		}
	})
}
