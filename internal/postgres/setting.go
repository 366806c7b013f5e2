package postgres

import (
	"strings"

	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
	"github.com/schemactl/schemactl/internal/plan"
)

// Setting is one thing that is set on a part of a relation, and that the part's own object does not hold: on a column that
// is no object of its own (of a partition, a child, a materialized view), on the index of a key or one that
// the server made for a partition, on the TOAST table.
type Setting struct {
	Value string `json:"value"`

	Usual    string    `json:"usual,omitempty" diff:"-"` // how a storage is said that the type has by itself
	Of       string    `json:"of" diff:"-"`              // column, index or toast
	Part     string    `json:"part,omitempty" diff:"-"`  // the column or the index
	Attr     string    `json:"attr" diff:"-"`
	Relation object.ID `json:"relation" diff:"-"`
}

func settingKind() objectKind {
	return objectKind{
		Kind: kind.Define(kind.Def[Setting]{
			Name: "setting", Weight: weightComment,
			Create: func(_ *kind.Context, s kind.Of[Setting]) ([]plan.Step, error) {
				return s.V.steps(s.V.put(), s.V.clear()), nil
			},
			Alter: func(_ *kind.Context, from, to kind.Of[Setting], a *kind.Attrs) (plan.Edit, error) {
				a.Take("value")
				return plan.InPlace(to.V.steps(to.V.put(), from.V.put())...), nil
			},
			Drop: dropSetting,
		}),
		queries: []catalog.Query{{Name: "settings", SQL: settingQuery()}},
		build:   buildSettings,
		hcl:     settingHCL(),
	}
}

// settingQuery reads them. Indexes of partitions that the server made have by themselves what the partitioned one has.
func settingQuery() string {
	return `
SELECT x.relation, x.class, x.oid, x.sub, x.of, x.part, x.attr, x.value, x.usual FROM (
  SELECT c.oid AS relation, 1259 AS class, c.oid, a.attnum AS sub, 'column' AS of, a.attname AS part, s.attr, s.value, s.usual
  FROM pg_catalog.pg_attribute a
  JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
  JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
  CROSS JOIN LATERAL (
    SELECT pg_catalog.split_part(o.o, '=', 1) AS attr, pg_catalog.split_part(o.o, '=', 2) AS value, NULL AS usual
    FROM pg_catalog.unnest(a.attoptions) o(o) WHERE o.o ~ '^n_distinct' -- some servers keep more there for themselves
    UNION ALL SELECT 'statistics', a.attstattarget::text, NULL
    WHERE coalesce(a.attstattarget, -1) <> -1 AND (c.relkind = 'm' OR c.relispartition OR NOT a.attislocal)
    UNION ALL SELECT x.* FROM (VALUES
      ('storage', CASE WHEN a.attstorage <> t.typstorage THEN ` + storageWord("a.attstorage") + ` END, ` + storageWord("t.typstorage") + `),
      ('compression', ` + compressionWord("a.attcompression") + `, 'default')) x(attr, value, usual)
    WHERE x.value IS NOT NULL AND c.relkind = 'm'
  ) s
  WHERE a.attnum > 0 AND NOT a.attisdropped AND c.oid >= 16384 AND c.relkind IN ('r', 'p', 'f', 'm') AND c.relpersistence <> 't'
    AND (a.attoptions IS NOT NULL OR coalesce(a.attstattarget, -1) <> -1 OR a.attstorage <> t.typstorage OR a.attcompression <> '')
  UNION ALL
  SELECT a.attrelid, 1259, a.attrelid, a.attnum, 'column', a.attname, x.attr, x.value, x.usual
  FROM pg_catalog.pg_inherits i
  JOIN pg_catalog.pg_attribute a ON a.attrelid = i.inhrelid AND a.attnum > 0 AND NOT a.attisdropped AND NOT a.attislocal
  JOIN pg_catalog.pg_attribute p ON p.attrelid = i.inhparent AND p.attname = a.attname AND NOT p.attisdropped
  CROSS JOIN LATERAL (VALUES
    ('storage', CASE WHEN a.attstorage <> p.attstorage THEN ` + storageWord("a.attstorage") + ` END, ` + storageWord("p.attstorage") + `),
    ('compression', CASE WHEN a.attcompression <> p.attcompression THEN coalesce(` + compressionWord("a.attcompression") + `, 'default') END,
      coalesce(` + compressionWord("p.attcompression") + `, 'default'))) x(attr, value, usual)
  WHERE i.inhseqno = 1 AND (a.attstorage <> p.attstorage OR a.attcompression <> p.attcompression) AND x.value IS NOT NULL
  UNION ALL
  SELECT i.indrelid, 1259, c.oid, 0, 'index', c.relname, s.attr, s.value, NULL
  FROM pg_catalog.pg_index i
  JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
  LEFT JOIN pg_catalog.pg_tablespace ts ON ts.oid = c.reltablespace
  LEFT JOIN pg_catalog.pg_description d ON d.objoid = c.oid AND d.classoid = 1259 AND d.objsubid = 0
  LEFT JOIN pg_catalog.pg_inherits h ON c.relispartition AND h.inhrelid = c.oid
  LEFT JOIN pg_catalog.pg_class w ON w.oid = h.inhparent
  CROSS JOIN LATERAL (
    SELECT pg_catalog.split_part(o.o, '=', 1) AS attr, pg_catalog.substr(o.o, pg_catalog.strpos(o.o, '=') + 1) AS value
    FROM pg_catalog.unnest(c.reloptions) o(o) WHERE o.o <> ALL (coalesce(w.reloptions, '{}')) AND c.relkind = 'i'
    UNION ALL SELECT x.* FROM (VALUES
      ('tablespace', CASE WHEN c.reltablespace <> coalesce(w.reltablespace, 0) THEN ts.spcname END), ('clustered', CASE WHEN i.indisclustered THEN 'true' END),
      ('comment', d.description)) x(attr, value) WHERE x.value IS NOT NULL
  ) s
  WHERE c.oid >= 16384 AND c.relpersistence <> 't' AND (c.reloptions IS NOT NULL OR c.reltablespace <> 0 OR i.indisclustered OR d.objoid IS NOT NULL)
  UNION ALL
  SELECT i.indrelid, 1259, c.oid, 0, 'index', c.relname, 'statistics_' || a.attnum, a.attstattarget::text, NULL
  FROM pg_catalog.pg_attribute a
  JOIN pg_catalog.pg_index i ON i.indexrelid = a.attrelid
  JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
  WHERE coalesce(a.attstattarget, -1) <> -1 AND a.attnum > 0 AND c.oid >= 16384
  UNION ALL
  SELECT c.oid, 1259, c.oid, 0, 'toast', '', pg_catalog.split_part(o.o, '=', 1), pg_catalog.substr(o.o, pg_catalog.strpos(o.o, '=') + 1), NULL
  FROM pg_catalog.pg_class t
  JOIN pg_catalog.pg_class c ON c.reltoastrelid = t.oid
  CROSS JOIN LATERAL pg_catalog.unnest(t.reloptions) o(o)
  WHERE t.relkind = 't' AND t.reloptions IS NOT NULL AND c.oid >= 16384
) x
ORDER BY 1, 3, 4, 5, 7`
}

func storageWord(code string) string {
	return "CASE " + code + " WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'x' THEN 'EXTENDED' WHEN 'm' THEN 'MAIN' END"
}

func compressionWord(code string) string {
	return "CASE " + code + " WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' END"
}

func settingID(s *Setting) object.ID {
	return object.ID{Kind: "setting", Schema: s.Relation.Schema, Table: s.Relation.Name, Name: strings.TrimSpace(s.Of+" "+s.Part) + " " + s.Attr}
}

func buildSettings(b *builder) error {
	return b.rows("settings", func(r catalog.Row) error {
		relation, ok := b.at(ref{classRelation, r.Str("relation"), "0"})
		if !ok {
			return nil
		}
		s := &Setting{Value: r.Str("value"), Usual: r.Str("usual"), Of: r.Str("of"), Part: r.Str("part"), Attr: r.Str("attr"), Relation: relation}
		o := &object.Object{ID: settingID(s), Value: s, Parent: relation}
		at := ref{r.Str("class"), r.Str("oid"), r.Str("sub")}
		if id, known := b.at(at); known && s.Of != "toast" {
			if id.Kind == "index" && !strings.HasPrefix(s.Attr, "statistics_") {
				return nil // the index itself has it
			}
			if s.Of == "index" || !b.aliases[at] {
				o.Parent = id
			} else {
				o.Needs = append(o.Needs, id) // the parent's column
			}
		}
		return b.add(ref{"setting " + at.class, at.oid, at.sub + s.Of + s.Attr}, o)
	})
}

// relationHead begins the statement that alters the relation.
func (s *Setting) relationHead() string {
	word := "TABLE "
	switch s.Relation.Kind {
	case "foreign_table":
		word = "FOREIGN TABLE "
	case "materialized":
		word = "MATERIALIZED VIEW "
	case "table":
		if s.Of == "column" {
			word += "ONLY " // what its children have is theirs
		}
	}
	return "ALTER " + word + qualified(s.Relation.Schema, s.Relation.Name) + " "
}

// sql spells the statement that sets it to a value, or with an empty one back to what is usual.
func (s *Setting) sql(value string) string {
	or := func(usual string) string {
		if value == "" {
			return usual
		}
		return value
	}
	option := func(name string) string {
		if value == "" {
			return "RESET (" + name + ")"
		}
		return "SET (" + name + " = " + literal(value) + ")"
	}
	index := qualified(s.Relation.Schema, s.Part)
	column := s.relationHead() + "ALTER COLUMN " + ident(s.Part) + " "
	switch {
	case s.Of == "toast":
		return s.relationHead() + option("toast."+s.Attr)
	case s.Of == "column" && s.Attr == "statistics":
		return column + "SET STATISTICS " + or("-1")
	case s.Of == "column" && s.Attr == "storage":
		return column + "SET STORAGE " + or(orWord(s.Usual, "DEFAULT"))
	case s.Of == "column" && s.Attr == "compression":
		return column + "SET COMPRESSION " + or(orWord(s.Usual, "default"))
	case s.Of == "column":
		return column + option(s.Attr)
	case s.Attr == "clustered" && value == "":
		return s.relationHead() + "SET WITHOUT CLUSTER"
	case s.Attr == "clustered":
		return s.relationHead() + "CLUSTER ON " + ident(s.Part)
	case s.Attr == "tablespace":
		return "ALTER INDEX " + index + " SET TABLESPACE " + ident(or("pg_default"))
	case s.Attr == "comment" && value == "":
		return "COMMENT ON INDEX " + index + " IS NULL"
	case s.Attr == "comment":
		return "COMMENT ON INDEX " + index + " IS " + literal(value)
	case strings.HasPrefix(s.Attr, "statistics_"):
		return "ALTER INDEX " + index + " ALTER COLUMN " + strings.TrimPrefix(s.Attr, "statistics_") + " SET STATISTICS " + or("-1")
	}
	return "ALTER INDEX " + index + " " + option(s.Attr)
}

func (s *Setting) put() string   { return s.sql(s.Value) }
func (s *Setting) clear() string { return s.sql("") }

func (s *Setting) steps(sql, reverse string) []plan.Step {
	what := strings.ReplaceAll(s.Attr, "_", " ") + " of " + strings.TrimSpace(s.Of+" "+s.Part)
	return []plan.Step{{SQL: sql, Reverse: []string{reverse}, Comment: "set " + what + " of " + s.Relation.String()}}
}

func dropSetting(c *kind.Context, s kind.Of[Setting]) ([]plan.Step, error) {
	if s.V.Attr == "clustered" && s.V.Of == "index" && isClustered(c.To, s.V.Relation) {
		return nil, nil // the mark goes over to another index
	}
	v := *s.V
	if parent, ok := inheritsColumn(c.To, columnID(v.Relation, v.Part), v.Relation); ok && v.Of == "column" {
		switch v.Attr {
		case "storage":
			v.Usual = parent.V.storage()
		case "compression":
			v.Usual = orWord(parent.V.Compression, "default")
		}
	}
	return v.steps(v.clear(), v.put()), nil
}

// followers are the steps by which the tables that have a column from a parent, and nothing else set on it, follow the
// parent's: the server lets some settings of columns spread to all of them, whatever is theirs, and others to none.
func followers(c *kind.Context, column object.ID, attr, clause, reverse string) []plan.Step {
	var steps []plan.Step
	for _, table := range descendants(c)[tableID(column)] {
		own := columnID(table, column.Name)
		id := settingID(&Setting{Relation: table, Of: "column", Part: column.Name, Attr: attr})
		if _, has := inheritsColumn(c.To, own, table); !has || c.To.Has(id) || !c.From.Has(table) {
			continue
		}
		steps = append(steps, onlyColumnStep(own, clause, reverse))
	}
	return steps
}

// onlyColumnStep alters the column of one table, and not of those that inherit it.
func onlyColumnStep(column object.ID, clause, reverse string) plan.Step {
	head := "ALTER TABLE ONLY " + tableOf(column) + " ALTER COLUMN " + ident(column.Name) + " "
	return plan.Step{SQL: head + clause, Reverse: []string{head + reverse}, Comment: "modify column " + column.Path()}
}

// descendants lists the tables that descend from each table in the desired state.
func descendants(c *kind.Context) map[object.ID][]object.ID {
	return kind.Once(c, "descendants", func() map[object.ID][]object.ID {
		out := map[object.ID][]object.ID{}
		for _, o := range c.To.Kind("table") {
			for _, parent := range ancestors(c.To, o.ID, nil) {
				out[parent] = append(out[parent], o.ID)
			}
		}
		return out
	})
}

// setColumn sets something on a column that is to be of this table only, or of those that have it from here, too.
func setColumn(c *kind.Context, column object.ID, attr, clause, reverse string) []plan.Step {
	if len(descendants(c)[tableID(column)]) == 0 {
		return []plan.Step{alterColumnStep(column, clause, reverse)}
	}
	steps := []plan.Step{onlyColumnStep(column, clause, reverse)}
	if attr != "statistics" {
		steps = append(steps, followers(c, column, attr, clause, reverse)...)
	}
	return steps
}

// isClustered reports whether an index of the relation has the mark to cluster by, of which there is one.
func isClustered(s *object.State, relation object.ID) bool {
	for _, o := range s.Kind("index") {
		if x := o.Value.(*Index); x.Clustered && o.Parent == relation {
			return true
		}
	}
	for _, o := range s.Kind("setting") {
		if v := o.Value.(*Setting); v.Of == "index" && v.Attr == "clustered" && v.Relation == relation {
			return true
		}
	}
	return false
}

// settingAsNamed is the ID of a setting where relations, columns and indexes have other names.
func settingAsNamed(o *object.Object, names func(object.ID) object.ID, _ func(string) string) object.ID {
	s := *o.Value.(*Setting)
	if s.Of == "column" {
		s.Part = names(columnID(s.Relation, s.Part)).Name
	} else if s.Of == "index" && o.Parent != s.Relation {
		s.Part = names(o.Parent).Name
	}
	s.Relation = names(s.Relation)
	return settingID(&s)
}
