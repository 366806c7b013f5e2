package safety_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/schemactl/schemactl/internal/safety"
)

// TestSavedHoldsWhatStatementsTouch saves a model for statements, and sees which tables come back as they were.
func TestSavedHoldsWhatStatementsTouch(t *testing.T) {
	name := func(n string) safety.Name { return safety.Name{Schema: "app", Name: n} }
	key := safety.Index{Name: "PRIMARY", Unique: true, Columns: []string{"id"}}
	m := safety.NewModel("app", safety.Server{Flavor: "mysql", Version: [3]int{9, 7}, Settings: map[string]string{"sql_mode": "ANSI"}})
	for _, table := range []*safety.Table{
		{Name: name("users"), Kind: "table", Columns: []safety.Column{{Name: "id", Type: "int"}, {Name: "mood", Type: "app.mood", NotNull: true}}, Indexes: []safety.Index{key}, Rows: 12, Bytes: -1},
		{Name: name("child"), Constraints: []safety.Constraint{{Name: "f", Type: safety.Foreign, Columns: []string{"id"}, RefTable: name("users")}}, Indexes: []safety.Index{key}},
		{Name: name("grandchild"), Constraints: []safety.Constraint{{Name: "g", Type: safety.Foreign, RefTable: name("child")}}},
		{Name: name("indexed"), Indexes: []safety.Index{{Name: "by_mail"}}},
		{Name: name("odd name"), Triggers: []string{"t"}},
		{Name: name("part"), Parent: name("whole")},
		{Name: name("part of part"), Parent: name("part")},
		{Name: name("whole"), Partitions: []safety.Name{name("part")}},
		{Name: name("bystander"), Indexes: []safety.Index{key}},
	} {
		m.Put(table)
	}
	m.SetEnum(name("mood"), []string{"ok"})
	m.SetEnum(name("other"), []string{"x"})
	m.SetVolatility(name("f"), "volatile")
	m.Constrain(name("zip"))
	for _, tt := range []struct {
		sql  string
		want []string
	}{
		{"ALTER TABLE `app`.`USERS` DROP PRIMARY KEY", []string{"child", "users"}},
		{"DROP INDEX app.by_mail", []string{"indexed"}},
		{`ALTER TABLE "odd name" ADD COLUMN a int`, []string{"odd name"}},
		{"ALTER TABLE part ADD COLUMN a zip", []string{"part", "part of part", "whole"}},
		{"CREATE TABLE fresh (a int)", nil},
	} {
		text, err := json.Marshal(m.Save(tt.sql))
		if err != nil {
			t.Fatal(err)
		}
		var s safety.Saved
		if err := json.Unmarshal(text, &s); err != nil {
			t.Fatal(err)
		}
		back := safety.NewModel(s.Schema, s.On())
		s.Restore(back)
		var got []string
		for _, table := range back.Tables() {
			got = append(got, table.Name.Name)
			if was := m.Table(table.Name); !reflect.DeepEqual(table, was) {
				t.Errorf("%s: %s is %+v, and was %+v", tt.sql, table.Name, table, was)
			}
		}
		if !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: saves %q, want %q", tt.sql, got, tt.want)
		}
		if !reflect.DeepEqual(back.Server, m.Server) || back.Default != "app" {
			t.Errorf("%s: server %+v, schema %q", tt.sql, back.Server, back.Default)
		}
		if users := back.Table(name("users")) != nil; users != (back.Enum(name("mood")) != nil) || back.Enum(name("other")) != nil {
			t.Errorf("%s: enums %v, %v", tt.sql, back.Enum(name("mood")), back.Enum(name("other")))
		}
		if zip := back.Table(name("part")) != nil; back.Constrained("zip") != zip || back.HasRoutine(name("f")) {
			t.Errorf("%s: the domain is %v", tt.sql, back.Constrained("zip"))
		}
	}
}
