package mysql

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/object"
)

// speller writes declared objects as a server would report them, where that is certain. All doubt is for a server to
// decide: an unknown version, mode or type, an expression that it may spell in another way.
type speller struct {
	mariadb    bool
	settings   map[string]string
	collations map[string]string // of the character sets whose default collation is known
	desired    *object.State
	live       *object.State // the texts in it were spelled by a server already
	children   func(object.ID) []*object.Object
}

var (
	// Display widths of integers went in 8.0.19 (MySQL manual, "Numeric Data Type Syntax").
	knownMySQL   = regexp.MustCompile(`^(?:8\.0\.(?:19|[2-9]\d)|8\.[1-4]\.\d+|9\.\d+\.\d+)(?:-|$)`)
	knownMariaDB = regexp.MustCompile(`^(?:10\.11|11\.\d+|12\.\d+)\.\d+-MariaDB`)
	otherServer  = regexp.MustCompile(`(?i)tidb|vitess|aurora|oceanbase|starrocks|doris`)
)

// harmlessModes do not change how a CREATE statement is read. What they refuse is not in the live state either.
func harmlessModes() []string {
	return []string{
		"", "ONLY_FULL_GROUP_BY", "STRICT_TRANS_TABLES", "STRICT_ALL_TABLES", "NO_ZERO_IN_DATE", "NO_ZERO_DATE",
		"ERROR_FOR_DIVISION_BY_ZERO", "NO_ENGINE_SUBSTITUTION", "NO_AUTO_VALUE_ON_ZERO", "NO_AUTO_CREATE_USER",
		"ALLOW_INVALID_DATES", "PAD_CHAR_TO_FULL_LENGTH", "TIME_TRUNCATE_FRACTIONAL", "TRADITIONAL",
	}
}

// newSpeller returns nil for a server that is not known well enough.
func newSpeller(desired, live *object.State, server dialect.Server) *speller {
	s := &speller{
		mariadb: server.Flavor == "mariadb", settings: server.Settings, desired: desired, live: live,
		children: desired.Children(),
	}
	known := knownMySQL
	if s.mariadb {
		known = knownMariaDB
	}
	if !known.MatchString(server.Version) || otherServer.MatchString(server.Version) || server.Settings == nil {
		return nil
	}
	for _, mode := range strings.Split(server.Settings["sql_mode"], ",") {
		if !slices.Contains(harmlessModes(), mode) {
			return nil
		}
	}
	s.collations = defaultCollations(s.mariadb, server)
	return s
}

// defaultCollations are those of the character sets that are in use. Newer MariaDB has them in a setting.
func defaultCollations(mariadb bool, server dialect.Server) map[string]string {
	set, ok := server.Settings[charsetCollations]
	if mariadb && !ok && (server.Major != 10 || server.Minor != 11) {
		return nil
	}
	out := map[string]string{
		"utf8mb4": "utf8mb4_0900_ai_ci", "utf8mb3": "utf8mb3_general_ci", "latin1": "latin1_swedish_ci", "ascii": "ascii_general_ci",
	}
	if mariadb {
		out["utf8mb4"] = "utf8mb4_general_ci"
	}
	for charset := range out {
		for _, entry := range strings.Split(set, ",") {
			if collation, ok := strings.CutPrefix(entry, charset+"="); ok {
				out[charset] = collation
			}
		}
	}
	return out
}

// collate completes a declared character set and collation; without any they are those that it inherits.
func (s *speller) collate(charset, collation, inherited string) (string, string, bool) {
	switch {
	case charset == "" && collation == "":
		collation = inherited
	case collation == "":
		collation = s.collations[charset]
	}
	own := charsetOf(collation)
	if collation == "" || own == "binary" || own == "utf8" || charset != "" && charset != own || strings.HasPrefix(own, "uca") {
		return "", "", false
	}
	return own, collation, true
}

// schema spells a database.
func (s *speller) schema(v *Schema) (*Schema, bool) {
	out := *v
	var ok bool
	out.Charset, out.Collation, ok = s.collate(v.Charset, v.Collation, s.settings["collation_server"])
	return &out, ok
}

// inherited is the collation of new tables beside the table.
func (s *speller) inherited(table object.ID) string {
	if table.Schema == "" {
		return s.settings["collation_database"]
	}
	if o := s.desired.Get(schemaID(table.Schema)); o != nil {
		if v, ok := s.schema(o.Value.(*Schema)); ok {
			return v.Collation
		}
	}
	return ""
}

// plainOptions are the table options that a server reports as they were given.
func plainOptions() []string {
	return []string{
		"ROW_FORMAT", "STATS_PERSISTENT", "STATS_AUTO_RECALC", "STATS_SAMPLE_PAGES", "KEY_BLOCK_SIZE", "MAX_ROWS",
		"MIN_ROWS", "AVG_ROW_LENGTH", "CHECKSUM", "DELAY_KEY_WRITE", "PACK_KEYS",
	}
}

// table spells a table without its parts.
func (s *speller) table(id object.ID, t *Table) (*Table, bool) {
	out := *t
	if out.Engine == "" {
		out.Engine = s.settings["default_storage_engine"]
	}
	engine := strings.ToLower(out.Engine)
	known := map[string]string{"innodb": "InnoDB", "myisam": "MyISAM"}
	if out.Engine = known[engine]; out.Engine == "" || t.Versioned || len(t.Periods) > 0 {
		return nil, false
	}
	var ok bool
	if out.Charset, out.Collation, ok = s.collate(t.Charset, t.Collation, s.inherited(id)); !ok {
		return nil, false
	}
	for _, option := range t.Options {
		if name, _, _ := strings.Cut(option, "="); !slices.Contains(plainOptions(), name) {
			return nil, false
		}
	}
	return &out, true
}

// index spells an index. Its type and functional parts are those of the live one, or in doubt.
func (s *speller) index(id object.ID, x *Index, t *Table) (*Index, bool) {
	live, _ := valueOf[Index](s.live, id)
	if live == nil || !slices.Equal(live.Parts, x.Parts) || live.Type != x.Type { // none that a server reported so
		if x.Type != "BTREE" || !s.fits(id, x, t) {
			return nil, false
		}
	}
	if x.EngineAttribute+x.SecondaryAttribute != "" && (live == nil || live.EngineAttribute != x.EngineAttribute || live.SecondaryAttribute != x.SecondaryAttribute) {
		return nil, false // the server writes JSON in its own way
	}
	if x.Type == "HASH" || x.Spell || x.Invisible && x.Hide != s.hide() {
		return nil, false
	}
	for i, p := range x.Parts {
		text := p.Expr != "" || p.Period != ""
		if text && (live == nil || i >= len(live.Parts) || live.Parts[i] != p) {
			return nil, false
		}
	}
	return x, true
}

// fits reports whether the columns of a key surely are short enough for a tree, and its prefixes shorter than their
// columns: MariaDB takes a hash for a unique key that is too long, and a prefix for another; both servers forget a
// prefix that is none (MariaDB manual, "InnoDB Limitations"; MySQL manual, "Column Indexes").
func (s *speller) fits(id object.ID, x *Index, t *Table) bool {
	room := 3000 // bytes; InnoDB has 3,072 in its usual row format
	if t.Engine != "InnoDB" || len(t.Options) > 0 {
		room = 760
	}
	for _, p := range x.Parts {
		c, ok := valueOf[Column](s.desired, object.ID{Kind: "column", Schema: id.Schema, Table: id.Table, Name: p.Column})
		if !ok {
			return p.Prefix == 0 && !s.mariadb // an expression
		}
		typ, size := s.typ(c.Type), p.Prefix
		switch {
		case typ.class == charClass && p.Prefix == 0:
			size = atoi(typ.args)
		case typ.class == charClass && p.Prefix < atoi(typ.args), typ.class == textClass && p.Prefix > 0 && p.Prefix < 60:
		case typ.class == textClass, typ.class == unknownClass, p.Prefix > 0, s.mariadb && typ.class == otherClass:
			return false
		}
		room -= 4 * size
	}
	return room >= 0
}

func (s *speller) hide() string {
	if s.mariadb {
		return "IGNORED"
	}
	return "INVISIBLE"
}

// foreignKey spells a foreign key. Only InnoDB keeps them; other engines may read and forget them.
func (s *speller) foreignKey(f *ForeignKey, t *Table) (*ForeignKey, bool) {
	out := *f
	if t.Engine != "InnoDB" {
		return nil, false
	}
	for _, action := range []*string{&out.OnUpdate, &out.OnDelete} {
		switch {
		case *action == "SET DEFAULT":
			return nil, false
		case *action == "NO ACTION" && !s.mariadb, *action == "RESTRICT" && s.mariadb:
			*action = ""
		}
	}
	return &out, !f.Unnamed
}

// keysOfForeignKeys are the indexes that the server adds for foreign keys which no index serves (MySQL manual,
// "FOREIGN KEY Constraints"). They are in doubt where an index serves in part.
func (s *speller) keysOfForeignKeys(table object.ID) (added []*object.Object, certain bool) {
	var indexes []*Index
	for _, o := range s.children(table) {
		if x, ok := o.Value.(*Index); ok {
			indexes = append(indexes, x)
		}
	}
	for _, o := range s.children(table) {
		f, ok := o.Value.(*ForeignKey)
		if !ok {
			continue
		}
		switch served, doubt := servedBy(f, indexes); {
		case doubt:
			return nil, false
		case !served:
			x := &Index{Type: "BTREE", Hide: s.hide()}
			for _, c := range f.Columns {
				x.Parts = append(x.Parts, IndexPart{Column: c})
			}
			indexes = append(indexes, x)
			added = append(added, &object.Object{ID: indexID(table, o.ID.Name), Value: x, Parent: table})
		}
	}
	return added, true
}

// servedBy reports whether one of the indexes begins with the columns of the foreign key.
func servedBy(f *ForeignKey, indexes []*Index) (served, doubt bool) {
	for _, x := range indexes {
		names, plain := true, x.Type == "BTREE" && !x.Invisible
		for i, c := range f.Columns {
			if i >= len(x.Parts) || x.Parts[i].Column != c {
				names = false
				break
			}
			plain = plain && x.Parts[i] == IndexPart{Column: c}
		}
		served, doubt = served || names && plain, doubt || names && !plain
	}
	return served, doubt && !served
}

// check spells a check.
func (s *speller) check(o *object.Object, k *Check) (*Check, bool) {
	if live, ok := valueOf[Check](s.live, o.ID); ok && live.Expr == k.Expr {
		return k, !k.NotEnforced || !s.mariadb
	}
	out := *k
	var ok bool
	out.Expr, ok = s.condition(k.Expr, o.Parent)
	return &out, ok && !k.Unnamed && (!k.NotEnforced || !s.mariadb)
}

// valueOf is the value of an object of a state.
func valueOf[T any](s *object.State, id object.ID) (*T, bool) {
	if s == nil {
		return nil, false
	}
	o := s.Get(id)
	if o == nil {
		return nil, false
	}
	v, ok := o.Value.(*T)
	return v, ok
}

// atoi reads a number of at most nine digits; anything else is -1.
func atoi(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || len(s) > 9 {
		return -1
	}
	return n
}
