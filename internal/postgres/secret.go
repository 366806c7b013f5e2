package postgres

import (
	"regexp"
	"slices"
	"strings"

	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// secretOption is the condition on the name of an option of foreign data, o, whose value inspection must not read: it would
// stand in snapshots, plans and logs. secretName is the same in Go, notSecret what looks like one.
const secretOption = `(o.option_name ~* '(password|passwd|passphrase|secret|token|sslkey|private|credential|access_?key|api_?key)'
    AND o.option_name !~* '_required$')`

var (
	secretName = regexp.MustCompile(`(?i)(password|passwd|passphrase|secret|token|sslkey|private|credential|access_?key|api_?key)`)
	notSecret  = regexp.MustCompile(`(?i)_required$`)
)

func isSecret(option string) bool {
	return secretName.MatchString(option) && !notSecret.MatchString(option)
}

// optionsOf lists the options in a column of a catalog, without those that are secret.
func optionsOf(column string) string {
	return `(SELECT pg_catalog.string_agg(o.option_name || '=' || coalesce(o.option_value, ''), E'\x1f' ORDER BY o.n)
   FROM pg_catalog.pg_options_to_table(` + column + `) WITH ORDINALITY o(option_name, option_value, n) WHERE NOT ` + secretOption + `)`
}

// secretsOf lists the names of those that are.
func secretsOf(column string) string {
	return `(SELECT pg_catalog.string_agg(o.option_name, E'\x1f' ORDER BY o.option_name)
   FROM pg_catalog.pg_options_to_table(` + column + `) o WHERE ` + secretOption + `)`
}

// secretQuery lists them for the ledger.
const secretQuery = `
  SELECT 0, 0, 'foreign data wrapper secret', f.fdwname || ' ' || o.option_name, ` + secretReason + ` || 'ALTER FOREIGN DATA WRAPPER'
  FROM pg_catalog.pg_foreign_data_wrapper f CROSS JOIN LATERAL pg_catalog.pg_options_to_table(f.fdwoptions) o WHERE ` + secretOption + `
  UNION ALL SELECT 0, 0, 'server secret', s.srvname || ' ' || o.option_name, ` + secretReason + ` || 'ALTER SERVER'
  FROM pg_catalog.pg_foreign_server s CROSS JOIN LATERAL pg_catalog.pg_options_to_table(s.srvoptions) o WHERE ` + secretOption + `
  UNION ALL SELECT 0, 0, 'user mapping secret', m.srvname || '.' || CASE WHEN m.umuser = 0 THEN 'PUBLIC' ELSE m.usename END || ' ' || o.option_name, ` + secretReason + ` || 'ALTER USER MAPPING'
  FROM pg_catalog.pg_user_mappings m CROSS JOIN LATERAL pg_catalog.pg_options_to_table(m.umoptions) o WHERE ` + secretOption + `
  UNION ALL SELECT 0, 0, 'foreign table secret', t.ftrelid::pg_catalog.regclass || ' ' || o.option_name, ` + secretReason + ` || 'ALTER FOREIGN TABLE'
  FROM pg_catalog.pg_foreign_table t CROSS JOIN LATERAL pg_catalog.pg_options_to_table(t.ftoptions) o WHERE ` + secretOption + `
  UNION ALL SELECT 0, 0, 'foreign column secret', t.ftrelid::pg_catalog.regclass || '.' || a.attname || ' ' || o.option_name, ` + secretReason + ` || 'ALTER FOREIGN TABLE ... ALTER COLUMN'
  FROM pg_catalog.pg_foreign_table t JOIN pg_catalog.pg_attribute a ON a.attrelid = t.ftrelid AND a.attfdwoptions IS NOT NULL
  CROSS JOIN LATERAL pg_catalog.pg_options_to_table(a.attfdwoptions) o WHERE ` + secretOption

const secretReason = `'schemactl: its value is never read, compared or changed; set it with '`

// Secrets are options of foreign data that must not be seen. Their names are known; their values come from variables and go
// to the server only, when the option is not there yet.
type Secrets struct {
	SecretOptions secretNames `json:"secret_options,omitempty"` // ordered

	values map[string]string `diff:"-"`
}

type secretNames []string

// Fingerprinted leaves them out: one that is there and not declared stays.
func (secretNames) Fingerprinted() any { return secretNames(nil) }

// missing lists the secrets that are declared with their values and that the other version lacks.
func (s *Secrets) missing(other *Secrets) []string {
	var out []string
	for _, name := range s.SecretOptions {
		if _, given := s.values[name]; given && !slices.Contains(other.SecretOptions, name) {
			out = append(out, name)
		}
	}
	return out
}

// moot takes no notice of secrets that are there already, or whose value nobody knows.
func (s *Secrets) moot(attr string, from *Secrets) bool {
	return attr == "secret_options" && len(s.missing(from)) == 0
}

// step spells a statement with secrets, which only the server gets to see. spell takes them as they stand in OPTIONS.
func (s *Secrets) step(step plan.Step, names []string, verb string, spell func(secrets []string) string) plan.Step {
	shown, sent := make([]string, len(names)), make([]string, len(names))
	for i, name := range names {
		head := verb + ident(name) + " "
		shown[i], sent[i] = head+hiddenPassword, head+literal(s.values[name])
	}
	step.SQL = spell(shown)
	if len(names) > 0 {
		step.Hide(spell(sent))
	}
	return step
}

// lost says which secrets of an object are gone with it and do not come back with a new one; "" if there are none.
func (s *Secrets) lost(c *kind.Context, id object.ID) string {
	var again Secrets
	if o := c.To.Get(id); o != nil {
		again = *secretsIn(o.Value)
	}
	gone := slices.DeleteFunc(slices.Clone(s.SecretOptions), func(name string) bool {
		_, given := again.values[name]
		return given
	})
	if len(gone) == 0 {
		return ""
	}
	return "the value of " + strings.Join(gone, ", ") + " of the " + id.String()
}

// lostAnew says which secrets of an object that is made again nobody knows.
func lostAnew(c *kind.Context, id object.ID) string {
	if o := c.From.Get(id); o != nil {
		return secretsIn(o.Value).lost(c, id)
	}
	return ""
}

// spelled puts a verb before the names.
func spelled(verb string, names []string) []string {
	out := make([]string, len(names))
	for i, name := range names {
		out[i] = verb + ident(name)
	}
	return out
}

func readSecrets(r catalog.Row) Secrets { return Secrets{SecretOptions: r.List("secrets")} }

// secretsIn are the secrets of an object; nil for kinds that have none.
func secretsIn(value any) *Secrets {
	switch v := value.(type) {
	case *Wrapper:
		return &v.Secrets
	case *Server:
		return &v.Secrets
	case *UserMapping:
		return &v.Secrets
	case *ForeignTable:
		return &v.Secrets
	}
	return nil
}

// carrySecrets gives the built objects the values that HCL has for their secrets.
func carrySecrets(declared, built *object.State) {
	for _, o := range declared.All() {
		if said := secretsIn(o.Value); said != nil && built.Has(o.ID) {
			secretsIn(built.Get(o.ID).Value).values = said.values
		}
	}
}
