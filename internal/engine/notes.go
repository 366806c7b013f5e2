package engine

import "fmt"

// Notes say what a reader of the plan should know before trusting it.
func (r *Result) Notes() []string {
	revoked := 0
	for _, c := range r.Plan.Changes {
		if c.Action == "drop" && isPrivilege(c.ID.Kind) && r.Desired.Has(c.Parent) {
			revoked++
		}
	}
	for _, o := range r.Desired.All() {
		if isPrivilege(o.ID.Kind) {
			return nil
		}
	}
	if revoked == 0 {
		return nil
	}
	return []string{fmt.Sprintf(`note: the desired state declares no privileges at all, so the plan takes %d away; manage { privileges = false } in the environment leaves privileges alone`, revoked)}
}

// isPrivilege reports whether a kind says who may do what.
func isPrivilege(kind string) bool { return kind == "permission" || kind == "default_permission" }
