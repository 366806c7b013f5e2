package postgres

import (
	"slices"
	"strconv"
	"strings"

	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// Extension is an installed extension. What belongs to it is never touched.
type Extension struct {
	Schema string `json:"schema"`
	// Version is set where it is not the one that the server installs by default: that one differs between servers.
	Version     string `json:"version,omitempty"`
	Installed   string `json:"installed" diff:"-"`
	Relocatable bool   `json:"relocatable,omitempty" diff:"-"`
	// Scripts are its functions that are written in SQL or the like and find what they name by the search_path.
	Scripts []string `json:"scripts,omitempty" diff:"-"`
	// Open lists what HCL leaves open of a declared extension: its schema, its version.
	Open []string `json:"-" diff:"-"`
}

func (*Extension) address(id object.ID) string { return "EXTENSION " + ident(id.Name) }

func extensionKind() objectKind {
	return objectKind{
		Kind: kind.Define(kind.Def[Extension]{
			Name: "extension", Weight: weightExtension,
			Create: createExtension, Alter: alterExtension, Drop: dropExtension,
		}),
		queries: []catalog.Query{{Name: "extensions", SQL: `
SELECT e.oid, e.extname AS name, n.nspname AS schema, e.extrelocatable AS relocatable, e.extversion AS installed,
  CASE WHEN e.extversion IS DISTINCT FROM a.default_version THEN e.extversion END AS version, f.scripts
FROM pg_catalog.pg_extension e
JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
LEFT JOIN pg_catalog.pg_available_extensions() a ON a.name = e.extname
LEFT JOIN (SELECT d.refobjid, pg_catalog.string_agg(DISTINCT p.proname, E'\x1f') AS scripts
  FROM pg_catalog.pg_proc p
  JOIN pg_catalog.pg_depend d ON d.classid = 1255 AND d.objid = p.oid AND d.refclassid = 3079 AND d.deptype = 'e'
  JOIN pg_catalog.pg_language l ON l.oid = p.prolang
  WHERE p.oid >= 16384 AND l.lanname NOT IN ('c', 'internal') AND p.proconfig IS NULL AND p.prosrc <> '' GROUP BY 1) f ON f.refobjid = e.oid
WHERE e.extname <> 'plpgsql'
ORDER BY 2`}},
		build: buildExtensions,
		hcl:   extensionHCL(),
	}
}

func buildExtensions(b *builder) error {
	return b.rows("extensions", func(r catalog.Row) error {
		id := object.ID{Kind: "extension", Name: r.Str("name")}
		return b.add(ref{classExtension, r.Str("oid"), "0"}, &object.Object{
			ID: id, Claims: []string{"extension " + id.Name}, Needs: []object.ID{schemaID(r.Str("schema"))},
			Value: &Extension{
				Schema: r.Str("schema"), Version: r.Str("version"), Installed: r.Str("installed"), Relocatable: r.Bool("relocatable"),
				Scripts: r.List("scripts"),
				Open:    strings.Fields(b.catalog.Settings[openSetting+id.Name]),
			},
		})
	})
}

func (e *Extension) definition(id object.ID) string {
	sql := "CREATE EXTENSION " + ident(id.Name)
	if e.Schema != "" {
		sql += " WITH SCHEMA " + ident(e.Schema)
	}
	if e.Version != "" {
		sql += " VERSION " + literal(e.Version)
	}
	return sql
}

func createExtension(_ *kind.Context, e kind.Of[Extension]) ([]plan.Step, error) {
	return []plan.Step{{
		SQL:     e.V.definition(e.ID),
		Comment: "create " + e.ID.String(),
		Reverse: []string{"DROP EXTENSION " + ident(e.ID.Name)},
	}}, nil
}

func alterExtension(c *kind.Context, from, to kind.Of[Extension], a *kind.Attrs) (plan.Edit, error) {
	head := "ALTER EXTENSION " + ident(to.ID.Name)
	var steps []plan.Step
	if a.Take("version") && olderVersion(to.V.Installed, from.V.Installed) {
		a.Take("schema")
		return replaceExtension(c, to, "an extension has no way back to an older version")
	} else if a.Has("version") {
		sql := head + " UPDATE"
		if to.V.Version != "" {
			sql += " TO " + literal(to.V.Version)
		}
		steps = append(steps, plan.Step{SQL: sql, Comment: "update " + to.ID.String()})
	}
	if a.Take("schema") {
		if !from.V.Relocatable {
			return replaceExtension(c, to, "the extension cannot be moved to another schema")
		}
		steps = append(steps, plan.Step{
			SQL:     head + " SET SCHEMA " + ident(to.V.Schema),
			Reverse: []string{head + " SET SCHEMA " + ident(from.V.Schema)},
			Comment: "move " + to.ID.String(),
		})
	}
	return plan.InPlace(steps...), nil
}

// replaceExtension makes an extension anew, which is refused where columns hold values of its types.
func replaceExtension(c *kind.Context, to kind.Of[Extension], reason string) (plan.Edit, error) {
	for _, o := range c.From.Kind("column") {
		if slices.Contains(o.Needs, to.ID) && c.To.Has(o.ID) {
			return plan.Edit{}, diag.Errorf(to.Pos, "extension-in-use", "%s, and the %s needs it: the %s stays as it is", reason, o.ID, to.ID).
				WithHint("declare it as it is (schemactl inspect tells), or do it by hand")
		}
	}
	return plan.Replace(reason), nil
}

// olderVersion compares versions number by number; those that are no numbers are never older.
func olderVersion(a, b string) bool {
	x, y := strings.FieldsFunc(a, notDigit), strings.FieldsFunc(b, notDigit)
	for i := range min(len(x), len(y)) {
		m, _ := strconv.Atoi(x[i])
		n, _ := strconv.Atoi(y[i])
		if m != n {
			return m < n
		}
	}
	return len(x) < len(y)
}

func notDigit(r rune) bool { return r < '0' || r > '9' }

func dropExtension(_ *kind.Context, e kind.Of[Extension]) ([]plan.Step, error) {
	return []plan.Step{{
		SQL:     "DROP EXTENSION " + ident(e.ID.Name),
		Comment: "drop " + e.ID.String(),
		Reverse: []string{e.V.definition(e.ID)},
	}}, nil
}

// movedExtension tells that an extension goes to another schema without being made anew.
func movedExtension(from, to any) (schema, anew string, ok bool) {
	a, b := from.(*Extension), to.(*Extension)
	return a.Schema, b.Schema, a.Relocatable && a.Schema != b.Schema && b.Schema != "" && !olderVersion(b.Installed, a.Installed)
}
