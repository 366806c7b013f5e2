package mysql

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/schemactl/schemactl/internal/kind"
	"github.com/schemactl/schemactl/internal/object"
)

func either[T any](yes bool, a, b T) T {
	if yes {
		return a
	}
	return b
}

// addition is the change that adds the column to a table that is there.
func (c *Column) addition(placed bool) change {
	switch {
	case c.AutoIncrement:
		return addAutoIncrement
	case c.isVirtual():
		return either(placed, placeVirtual, addVirtual)
	case c.Generated != "":
		return addStored
	case strings.HasPrefix(c.Default, "(") && unsafeFunction.MatchString(c.Default):
		return addVolatile
	case strings.HasPrefix(c.Default, "(") && strings.Contains(c.Default, "`"):
		return addReading
	case strings.HasPrefix(c.Default, "("):
		return addExpression
	}
	return either(placed, placeColumn, addColumn)
}

// removal is the change that drops the column.
func (c *Column) removal() change {
	switch {
	case c.AutoIncrement:
		return dropAutoIncrement
	case c.isVirtual():
		return dropVirtual
	}
	return dropPlainColumn
}

// columnChanges are the changes that a MODIFY of the column makes.
func columnChanges(c *kind.Context, from, to kind.Of[Column], moved bool) []change {
	return from.V.changesTo(to.V, moved, func() bool {
		return slices.ContainsFunc(indexesOf(c, c.From, from.Parent), func(o *object.Object) bool {
			return slices.ContainsFunc(o.Value.(*Index).Parts, func(p IndexPart) bool { return p.Column == from.ID.Name })
		})
	})
}

// changesTo are the changes that lead to another definition. indexed tells whether an index has the column.
func (c *Column) changesTo(to *Column, moved bool, indexed func() bool) []change {
	a, b := c, to
	var out []change
	add := func(is bool, ch change) {
		if is {
			out = append(out, ch)
		}
	}
	add(moved, moveColumn)
	add(a.NotNull != b.NotNull, changeNull)
	add(a.AutoIncrement != b.AutoIncrement, either(b.AutoIncrement, startAutoIncrement, stopAutoIncrement))
	add(a.SRID != b.SRID, changeSRID)
	add(a.Generated != b.Generated, either(a.isVirtual() && b.isVirtual(), changeVirtual, changeType))
	if ch := a.retyping(b, indexed); ch != "" {
		out = append(out, ch)
	}
	if detail := a.Default != b.Default || a.OnUpdate != b.OnUpdate || a.Comment != b.Comment || a.Invisible != b.Invisible ||
		a.Check != b.Check || a.Unversioned != b.Unversioned; detail || len(out) == 0 {
		out = append(out, either(b.Generated != "" && b.Stored, storedDetail, columnDetail))
	}
	return out
}

// retyping is the change of a column's type, character set and collation; empty when they stay.
func (c *Column) retyping(to *Column, indexed func() bool) change {
	if c.isJSON() != to.isJSON() {
		return changeType
	}
	if c.Charset != to.Charset || c.Collation != to.Collation {
		return c.recoding(to, indexed())
	}
	switch {
	case plainType(c.Type) == plainType(to.Type):
		return ""
	case appends(c.Type, to.Type):
		return appendMember
	case widens(c, to):
		return widenColumn
	}
	return changeType
}

// recoding is the change of a character set or collation, with which a VARCHAR may grow.
func (c *Column) recoding(to *Column, indexed bool) change {
	a, b := c, to
	fits := a.Type == b.Type && !lengthType.MatchString(a.Type) || widens(a, b)
	switch {
	case !fits || a.Charset == "" || b.Charset == "" || a.isJSON() != b.isJSON():
		return changeType
	case memberType.MatchString(a.Type):
		return either(a.Charset == b.Charset && !indexed, changeMemberColl, changeType)
	case a.Charset == b.Charset:
		return either(indexed, changeIndexedColl, changeCollation)
	case (a.Charset == "utf8mb3" || a.Charset == "utf8") && b.Charset == "utf8mb4" && lengthType.MatchString(a.Type):
		return either(indexed, widenIndexedCharset, widenCharset)
	}
	return changeType
}

// isJSON reports whether the column is what MariaDB makes of JSON: a text with a check.
func (c *Column) isJSON() bool { return strings.HasPrefix(c.Check, "json_valid(") }

var (
	intWidth   = regexp.MustCompile(`^(tinyint|smallint|mediumint|int|bigint)\(\d+\)`)
	lengthType = regexp.MustCompile(`^(varchar|varbinary)\((\d+)\)$`)
	memberType = regexp.MustCompile(`(?s)^(enum|set)\((.*)\)$`)
)

// plainType leaves out the display width, which changes nothing in the rows.
func plainType(typ string) string { return intWidth.ReplaceAllString(typ, "$1") }

// appends reports whether an ENUM or SET only gets further members, in as many bytes (MySQL manual, "Online DDL
// Operations", Modifying the Definition of an ENUM or SET Column).
func appends(from, to string) bool {
	a, b := memberType.FindStringSubmatch(from), memberType.FindStringSubmatch(to)
	if a == nil || b == nil || a[1] != b[1] {
		return false
	}
	had, has := splitTop(a[2]), splitTop(b[2])
	if len(has) < len(had) || !slices.Equal(had, has[:len(had)]) {
		return false
	}
	if a[1] == "enum" {
		return len(had) > 255 == (len(has) > 255)
	}
	return setBytes(len(had)) == setBytes(len(has))
}

// setBytes is how many bytes a SET takes.
func setBytes(members int) int {
	if n := (members + 7) / 8; n < 4 {
		return n
	}
	return either(members <= 32, 4, 8)
}

// widens reports whether a VARCHAR or VARBINARY is as long or longer, and its length is stored as before: in one byte
// up to 255 bytes, in two from there. MariaDB goes from up to 127 bytes to any length (MariaDB manual, "InnoDB Online
// DDL Operations with the INSTANT Alter Algorithm", Extending the Length of a Column).
func widens(from, to *Column) bool {
	a, b := lengthType.FindStringSubmatch(from.Type), lengthType.FindStringSubmatch(to.Type)
	if a == nil || b == nil || a[1] != b[1] {
		return false
	}
	chars := func(m []string) int { n, _ := strconv.Atoi(m[2]); return n }
	had, has := chars(a)*charBytes(from.Charset), chars(b)*charBytes(to.Charset)
	switch {
	case chars(b) < chars(a):
		return false
	case has <= 255 || had > 255:
		return true
	}
	return to.MariaDB && had <= 127
}

// charBytes is how many bytes a character takes at most (MySQL manual, "Supported Character Sets and Collations").
func charBytes(charset string) int {
	switch charset {
	case "utf8mb4", "utf16", "utf16le", "utf32", "gb18030":
		return 4
	case "utf8mb3", "utf8", "ujis", "eucjpms":
		return 3
	case "ucs2", "big5", "sjis", "cp932", "gbk", "gb2312", "euckr":
		return 2
	}
	return 1
}

// indexAddition is the change that adds the index or primary key.
func indexAddition(c *kind.Context, x kind.Of[Index]) change {
	switch {
	case x.ID.Kind == primaryKey:
		return addPrimary
	case x.V.Type == "FULLTEXT":
		had := slices.ContainsFunc(indexesOf(c, c.From, x.Parent), func(o *object.Object) bool { return o.Value.(*Index).Type == "FULLTEXT" })
		return either(had, addMoreFulltext, addFulltext)
	case x.V.Type == "SPATIAL":
		return addSpatial
	case x.V.Type == "VECTOR":
		return addVector
	case x.V.isFunctional():
		var names []string
		for _, o := range indexesOf(c, c.From, x.Parent) {
			if v, ok := o.Value.(*Index); ok && v.isFunctional() && c.To.Has(o.ID) && !c.Goes(o.ID) {
				names = append(names, o.ID.Name)
			}
		}
		return functionalAddition(x.V.Unique, x.ID.Name, names)
	}
	return addKey
}

// functionalAddition tells whether the hidden columns of a new functional index come behind those that are there: the server
// has them in the order of the indexes, unique ones first, then by their names, and only appends in place.
func functionalAddition(unique bool, name string, others []string) change {
	before := func(other string) bool { return strings.ToLower(name) < strings.ToLower(other) }
	if unique || slices.ContainsFunc(others, before) {
		return addEarlyFunctional
	}
	return addFunctionalKey
}

// indexRemoval is the change that drops the index or primary key; a primary key with a successor is replaced at once.
func indexRemoval(c *kind.Context, x kind.Of[Index]) change {
	switch {
	case x.ID.Kind != primaryKey:
		return dropKey
	case c.To.Has(x.ID):
		return addPrimary
	}
	return dropPrimary
}

// indexesOf lists the indexes of a table, the primary key first.
func indexesOf(c *kind.Context, s *object.State, table object.ID) []*object.Object {
	name := either(s == c.From, "mysql indexes from", "mysql indexes to")
	all := kind.Once(c, name, func() map[object.ID][]*object.Object {
		out := map[object.ID][]*object.Object{}
		for _, k := range []string{primaryKey, "index"} {
			for _, o := range s.Kind(k) {
				out[o.Parent] = append(out[o.Parent], o)
			}
		}
		return out
	})
	return all[table]
}

// optionChanges are the changes of a table's own attributes.
func optionChanges(from, to *Table) []change {
	var out []change
	add := func(is bool, ch change) {
		if is {
			out = append(out, ch)
		}
	}
	add(from.Engine != to.Engine, changeEngine)
	add(from.Charset != to.Charset || from.Collation != to.Collation || from.Comment != to.Comment, tableDetail)
	add(from.Versioned && !to.Versioned, dropVersioning)
	add(!from.Versioned && to.Versioned, addVersioning)
	for _, p := range from.Periods {
		add(!slices.Contains(to.Periods, p), dropPeriod)
	}
	for _, p := range to.Periods {
		add(!slices.Contains(from.Periods, p), addPeriod)
	}
	for _, o := range append(slices.Clone(from.Options), to.Options...) {
		if slices.Contains(from.Options, o) != slices.Contains(to.Options, o) {
			out = append(out, optionChange(o))
		}
	}
	return out
}

// optionChange is the change of one table option; those of which nothing is known are no change of the table of facts.
func optionChange(option string) change {
	name, _, _ := strings.Cut(option, "=")
	switch strings.ToUpper(strings.Trim(name, "`")) {
	case "STATS_PERSISTENT", "STATS_AUTO_RECALC", "STATS_SAMPLE_PAGES", "MAX_ROWS", "MIN_ROWS", "AVG_ROW_LENGTH", "CHECKSUM",
		"DELAY_KEY_WRITE", "PACK_KEYS", "AUTOEXTEND_SIZE", "SECONDARY_ENGINE", "SECONDARY_ENGINE_ATTRIBUTE":
		return tableDetail
	case "ROW_FORMAT", "KEY_BLOCK_SIZE":
		return rowFormat
	case "COMPRESSION":
		return compression
	case "PAGE_COMPRESSED", "PAGE_COMPRESSION_LEVEL":
		return pageCompression
	case "ENCRYPTION", "ENCRYPTED", "ENCRYPTION_KEY_ID":
		return encryption
	}
	return change("change " + name)
}

// predecessor is the column that must stand where it belongs before the other one can be put after it: one that is new,
// or moves too.
func predecessor(c *kind.Context, col kind.Of[Column]) []object.ID {
	if col.V.After == "" || !c.From.Has(col.Parent) {
		return nil
	}
	id := columnID(col.Parent, col.V.After)
	if slices.Contains(keptColumns(c, col.Parent), col.V.After) && !moves(c, col.Parent)[col.V.After] {
		return nil
	}
	return []object.ID{id}
}
