package engine

import (
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/object"
)

// keepHistory completes the desired state with the live schemas that hold the history of migrations and that it does not
// declare: --revisions-schema made them.
func keepHistory(current, desired *object.State) (*object.State, error) {
	var schemas []object.ID
	for _, e := range current.Ledger {
		name, ok := strings.CutSuffix(e.Name, "."+revisions)
		id := object.ID{Kind: "schema", Name: name}
		if ok && e.Kind == "table" && current.Has(id) && !desired.Has(id) {
			schemas = append(schemas, id)
		}
	}
	if len(schemas) == 0 {
		return desired, nil
	}
	out := object.NewState()
	out.Ledger, out.Notes = slices.Clone(desired.Ledger), desired.Notes
	for _, o := range desired.All() {
		if err := out.Add(o); err != nil {
			return nil, err
		}
	}
	for _, o := range current.All() {
		if !slices.Contains(schemas, o.ID) && !slices.Contains(schemas, o.Parent) || out.Has(o.ID) {
			continue
		}
		if err := out.Add(o); err != nil {
			return nil, err
		}
	}
	return out, nil
}
