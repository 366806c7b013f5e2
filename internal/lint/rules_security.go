package lint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/safety"
)

func securityRules() []Rule {
	return []Rule{
		{
			ID: "authz-change", Severity: Warning, Class: "security",
			Short: "Who may do what changes",
			Why:   "Grants, policies, row security, owners and SECURITY DEFINER decide who sees and changes what.",
			Fix:   "Let somebody review it who knows the roles.",
			Bad:   "GRANT ALL ON users TO app",
			check: each(authz),
		},
		{
			ID: "grant-to-public", Severity: Warning, Class: "security", Dialects: []string{pg},
			Short: "Everybody is granted a right",
			Why:   "PUBLIC is every role of the server, also those made later.",
			Fix:   "Grant it to the roles that need it.",
			Bad:   "GRANT SELECT ON users TO PUBLIC",
			check: on(func(a *Act) string {
				if !strings.EqualFold(a.To, "public") {
					return ""
				}
				return fmt.Sprintf("grants %s on %s to everybody", strings.TrimSpace(a.Name), a.Of)
			}, safety.Grant),
		},
		{
			ID: "rls-enabled-no-policy", Severity: Error, Class: "security", Dialects: []string{pg},
			Short: "Row security is turned on, and there is no policy",
			Why:   "Everybody but the owner sees no row at all.",
			Fix:   "Make the policies first, in the same transaction.",
			Bad:   "ALTER TABLE users ENABLE ROW LEVEL SECURITY",
			check: onOld(func(a *Act) string {
				if t := a.unit.After.Table(a.Table); t != nil && len(t.Policies) > 0 {
					return ""
				}
				return fmt.Sprintf("nobody but its owner sees a row of %s", a.Table)
			}, safety.EnableRLS),
		},
		{
			ID: "rls-off-with-policies", Severity: Warning, Class: "security", Dialects: []string{pg},
			Short: "A policy has no effect",
			Why:   "Row security is off: everybody with a right to the table sees every row.",
			Fix:   "ALTER TABLE … ENABLE ROW LEVEL SECURITY.",
			Bad:   "CREATE POLICY mine ON users USING (owner = current_user)",
			check: on(func(a *Act) string {
				if t := a.unit.After.Table(a.Table); t == nil || t.RLS || len(t.Policies) == 0 {
					return ""
				}
				return fmt.Sprintf("row security of %s is off: policies have no effect", a.Table)
			}, safety.CreatePolicy, safety.DisableRLS),
		},
		{
			ID: "security-definer-search-path", Severity: Warning, Class: "security", Dialects: []string{pg},
			Short: "A SECURITY DEFINER function finds names by the caller's search_path",
			Why:   "Whoever calls it can put objects of his own before those that are meant, and acts with the owner's rights.",
			Fix:   "Add SET search_path = pg_catalog, … to the function.",
			Bad:   "CREATE FUNCTION f() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'",
			check: on(func(a *Act) string {
				if !strings.Contains(a.Change, "security definer") || strings.Contains(a.Change, "search_path") {
					return ""
				}
				return fmt.Sprintf("%s runs with its owner's rights and the caller's search_path", a.Of)
			}, safety.Create),
		},
		{
			ID: "trigger-change", Severity: Warning, Class: incompatible,
			Short: "A trigger is made, dropped, turned on or off",
			Why:   "Every write of the table does something else from then on; between drop and create nothing runs.",
			Fix:   "CREATE OR REPLACE TRIGGER, where the server has it; see that no rows come in between.",
			Bad:   "DROP TRIGGER audit ON users",
			MySQL: Example{Bad: "DROP TRIGGER audit"},
			check: onOld(func(a *Act) string {
				return fmt.Sprintf("changes what a write of %s does", cmpName(a.Table.String(), "the table of "+a.Name))
			}, safety.CreateTrigger, safety.DropTrigger, safety.SetTrigger),
		},
	}
}

func authz(a *Act) string {
	if a.unit.fresh[a.Table] && !a.Table.IsZero() || a.unit.fresh[a.Of] && !a.Of.IsZero() {
		return ""
	}
	what := cmpName(a.Table.String(), a.Of.String())
	switch a.Verb {
	case safety.Grant, safety.Revoke:
		return fmt.Sprintf("%ss rights on %s", a.Verb, cmpName(what, a.Kind))
	case safety.CreatePolicy, safety.AlterPolicy, safety.DropPolicy:
		return fmt.Sprintf("changes who sees which rows of %s", what)
	case safety.EnableRLS, safety.DisableRLS, safety.ForceRLS:
		return fmt.Sprintf("changes whether policies of %s hold", what)
	case safety.SetOwner:
		return fmt.Sprintf("gives %s to %s", what, a.To)
	case safety.Create, safety.Alter:
		definer := strings.Contains(a.Change, "security definer") || a.Kind == "function" && strings.Contains(strings.ToLower(a.Expr), "security definer")
		if a.Kind == "default privileges" || a.Kind == "role" || a.Kind == "user" || definer {
			return fmt.Sprintf("changes what %s may do", cmpName(what, a.Kind))
		}
	case safety.Drop:
		if slices.Contains([]string{"role", "user", "owned"}, a.Kind) {
			return fmt.Sprintf("drops %s %s", a.Kind, what)
		}
	}
	return ""
}

func routineRules() []Rule {
	return []Rule{
		{
			ID: "routine-untracked-deps", Severity: Warning, Class: incompatible,
			Short: "The body of a routine changes, and the server does not know what it uses",
			Why:   "Names in the body are looked up when it runs: a fault shows at the first call.",
			Fix:   "Call it in a test before; put it behind what it uses.",
			Bad:   "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN g(); END'",
			MySQL: Example{Bad: "DROP PROCEDURE tidy; CREATE PROCEDURE tidy() DELETE FROM lines"},
			check: on(func(a *Act) string {
				if a.Kind != "function" && a.Kind != "procedure" || !a.Known && !remadeFrom(a) {
					return ""
				}
				if a.unit.Dialect == pg && (strings.EqualFold(a.Name, "c") || strings.EqualFold(a.Name, "internal") || a.Name == "") {
					return ""
				}
				return fmt.Sprintf("what the body of %s uses is not tracked", a.Of)
			}, safety.Create),
		},
		{
			ID: "opaque-code", Severity: Info, Class: "design",
			Short: "What the statement does cannot be seen from its text",
			Why:   "A block of code, or a routine that is called, may do anything, also what other rules would warn of.",
			Fix:   "Write the statements themselves into the migration.",
			Bad:   "DO $$ BEGIN EXECUTE 'DROP TABLE users'; END $$",
			MySQL: Example{Bad: "CALL tidy()"},
			check: on(func(*Act) string { return "what this does cannot be seen from here" }, safety.Call),
		},
		{
			ID: "statement-not-known", Severity: Info, Class: "design",
			Short: "No rule knows the statement",
			Why:   "What it costs, and whether it is safe, is not told.",
			Fix:   "Read it with care; write -- schemactl:ignore statement-not-known above it when it is fine.",
			Bad:   "CHECKPOINT",
			MySQL: Example{Bad: "INSTALL COMPONENT 'file://component_x'"},
			check: on(func(*Act) string { return "nothing is known of this statement" }, safety.Other),
		},
	}
}

// remadeFrom reports whether the unit dropped the routine before.
func remadeFrom(a *Act) bool {
	found := false
	a.unit.acts(func(b *Act) { found = found || b.Verb == safety.Drop && b.Kind == a.Kind && b.Of == a.Of })
	return found
}
