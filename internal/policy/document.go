package policy

import (
	"encoding/json"
	"fmt"

	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"

	"github.com/schemactl/schemactl/internal/lint"
)

// document is a unit as programs get it.
type document struct {
	Format     string              `json:"format"`
	Unit       documentUnit        `json:"unit"`
	Dialect    string              `json:"dialect"`
	Server     documentServer      `json:"server"`
	Statements []documentStatement `json:"statements"`
}

type documentUnit struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	// Transaction means that the unit is one transaction.
	Transaction bool `json:"transaction"`
}

type documentServer struct {
	Flavor  string `json:"flavor"`
	Version string `json:"version"`
	Major   int    `json:"major"`
	Minor   int    `json:"minor"`
	Patch   int    `json:"patch"`
}

type documentStatement struct {
	Number      int                          `json:"number"`
	SQL         string                       `json:"sql"`
	Comments    []string                     `json:"comments"`
	File        string                       `json:"file"`
	Line        *int                         `json:"line"`
	Transaction *int                         `json:"transaction"`
	Bounded     bool                         `json:"bounded"`
	Actions     []map[string]json.RawMessage `json:"actions"`
}

// actionParts are the objects of an action; the others are the statement's or the unit's.
func actionParts() []string {
	return []string{"verb", "action", "table", "column", "column_before", "index", "constraint", "facts"}
}

// describeUnit writes a unit down.
func describeUnit(u *lint.Unit) ([]byte, error) {
	s, typ := subjectsOf(u), subjectType()
	out := document{
		Format: Format, Unit: documentUnit{u.Name, u.Version, u.Tx}, Dialect: u.Dialect, Server: documentServer(s.server), Statements: []documentStatement{},
	}
	for i, st := range u.Statements {
		d := documentStatement{Number: i + 1, SQL: st.SQL, Comments: append([]string{}, st.Comments...), Line: positive(st.Pos.Line), Transaction: positive(st.Tx), Bounded: st.Timeout, Actions: []map[string]json.RawMessage{}}
		for _, a := range st.Examined() {
			x := s.of(a, i+1)
			d.File = x.File
			v, err := value(x, typ)
			if err != nil {
				return nil, err
			}
			action := map[string]json.RawMessage{}
			for _, part := range actionParts() {
				if action[part], err = textOf(v.GetAttr(part)); err != nil {
					return nil, err
				}
			}
			d.Actions = append(d.Actions, action)
		}
		out.Statements = append(out.Statements, d)
	}
	return json.Marshal(out)
}

func textOf(v cty.Value) (json.RawMessage, error) {
	text, err := ctyjson.Marshal(v, v.Type())
	if err != nil {
		return nil, fmt.Errorf("describe an action to a program: %w", err)
	}
	return text, nil
}
