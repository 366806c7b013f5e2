package postgres

import (
	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
)

// Language is a procedural language that no extension brought.
type Language struct {
	Trusted   bool   `json:"trusted,omitempty"`
	Handler   string `json:"handler"` // quoted
	Inline    string `json:"inline,omitempty"`
	Validator string `json:"validator,omitempty"`
}

func (l *Language) address(id object.ID) string { return "LANGUAGE " + ident(id.Name) }

func (l *Language) definition(id object.ID) string {
	sql := "CREATE " + toggle(l.Trusted, "TRUSTED ", "") + l.address(id) + " HANDLER " + l.Handler
	if l.Inline != "" {
		sql += " INLINE " + l.Inline
	}
	if l.Validator != "" {
		sql += " VALIDATOR " + l.Validator
	}
	return sql
}

func languageKind() objectKind {
	return objectKind{
		Kind: kind.Define(simpleKind[Language]("language", weightExtension)),
		queries: []catalog.Query{{Name: "languages", SQL: `
SELECT l.oid, l.lanname AS name, l.lanpltrusted AS trusted, l.lanplcallfoid::pg_catalog.regproc AS handler,
  nullif(l.laninline::oid, 0)::pg_catalog.regproc AS inline, nullif(l.lanvalidator::oid, 0)::pg_catalog.regproc AS validator
FROM pg_catalog.pg_language l
WHERE l.lanispl AND l.oid >= 16384
ORDER BY 2`}},
		hcl: languageHCL(),
		build: func(b *builder) error {
			return b.rows("languages", func(r catalog.Row) error {
				id := object.ID{Kind: "language", Name: r.Str("name")}
				return b.add(ref{classLanguage, r.Str("oid"), "0"}, &object.Object{
					ID: id, Claims: []string{id.String()},
					Value: &Language{Trusted: r.Bool("trusted"), Handler: r.Str("handler"), Inline: r.Str("inline"), Validator: r.Str("validator")},
				})
			})
		},
	}
}
