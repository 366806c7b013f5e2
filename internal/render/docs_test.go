package render_test

import (
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/schemactl/schemactl/internal/plan"
	"github.com/schemactl/schemactl/internal/review"
	"github.com/schemactl/schemactl/internal/safety"
)

// TestFormatsAreDescribed holds the pages on JSON against the types: every field is named in its page, and what a table of
// a page names first is a field.
func TestFormatsAreDescribed(t *testing.T) {
	t.Parallel()
	for page, of := range map[string]any{"plan-json.md": plan.Plan{}, "review-json.md": review.Review{}} {
		text, err := os.ReadFile("../../docs/" + page)
		if err != nil {
			t.Fatal(err)
		}
		fields := map[string]bool{}
		jsonFields(reflect.TypeOf(of), fields, map[reflect.Type]bool{reflect.TypeFor[plan.Queries](): true, reflect.TypeFor[safety.Saved](): true})
		for f := range fields {
			if !strings.Contains(string(text), "`"+f+"`") {
				t.Errorf("%s does not name %s", page, f)
			}
		}
		for _, row := range regexp.MustCompile("(?m)^\\| (`[^|]*) \\|").FindAllStringSubmatch(string(text), -1) {
			for _, m := range regexp.MustCompile("`([a-z_]+)`").FindAllStringSubmatch(row[1], -1) {
				if !fields[m[1]] && !slices.Contains([]string{"summary"}, m[1]) {
					t.Errorf("%s names %s, which is no field", page, m[1])
				}
			}
		}
	}
}

// jsonFields collects the names that encoding/json gives the fields of a type, and of those within.
func jsonFields(typ reflect.Type, into map[string]bool, seen map[reflect.Type]bool) {
	for typ.Kind() == reflect.Pointer || typ.Kind() == reflect.Slice || typ.Kind() == reflect.Map {
		typ = typ.Elem()
	}
	if typ.Kind() != reflect.Struct || seen[typ] {
		return
	}
	seen[typ] = true
	for i := range typ.NumField() {
		f := typ.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "-" || !f.IsExported() && !f.Anonymous {
			continue
		}
		if name != "" {
			into[name] = true
		}
		jsonFields(f.Type, into, seen)
	}
}
