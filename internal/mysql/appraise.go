package mysql

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/schemactl/schemactl/internal/dialect"
)

var _ dialect.Appraiser = Dialect{}

// Appraise tells what a deviation of a live database means.
func (Dialect) Appraise(d dialect.Deviation) dialect.Meaning {
	m := dialect.Meaning{Service: serviceOf(d)}
	switch {
	case d.Attr != "":
		m.Danger, m.Wider = appraiseAttr(d)
	case d.Wanted == nil && d.Live != nil && d.ID.Kind == permission:
		m.Danger = "more is allowed"
	}
	return m
}

// serviceOf names the managed service that an object is of, by how its name begins.
func serviceOf(d dialect.Deviation) string {
	names := []string{d.ID.Schema}
	switch v := d.Live.(type) {
	case *Permission:
		names = append(names, v.Account)
	case *Account, *Schema:
		names = append(names, d.ID.Name)
	}
	for _, n := range names {
		for _, s := range [][2]string{
			{"rdsadmin", "Amazon RDS"}, {"rds_", "Amazon RDS"}, {"rdsrepladmin", "Amazon RDS"}, {"AWS_", "Amazon RDS"}, {"innodb_memcache", "Amazon RDS"},
			{"cloudsql", "Google Cloud SQL"}, {"azure_", "Azure Database"}, {"aiven", "Aiven"}, {"doadmin", "DigitalOcean"},
		} {
			if strings.HasPrefix(n, s[0]) {
				return s[1]
			}
		}
	}
	return ""
}

func appraiseAttr(d dialect.Deviation) (danger string, widened bool) {
	yes := d.To == true
	switch d.Attr {
	case "not_enforced":
		return either(yes, "the check is not enforced", ""), false
	case "not_null":
		return either(yes, "", "NULL is let in"), false
	case "unique":
		return either(yes, "", "duplicates are let in"), false
	case "invisible":
		return either(yes && d.ID.Kind == "index", "no query is served by the index", ""), false
	case "status":
		return either(d.To != "", "the event is switched off", ""), false
	case "invoker":
		return either(yes, "", "it reads with the rights of its definer"), false
	case "privileges":
		from, _ := d.From.([]string)
		to, _ := d.To.([]string)
		more := slices.ContainsFunc(to, func(p string) bool { return !slices.Contains(from, p) })
		return either(more, "more is allowed", ""), false
	case "check_option":
		return either(d.To == "", "rows that the view does not show can be written through it", ""), false
	case "type":
		return appraiseType(d)
	}
	return "", false
}

func appraiseType(d dialect.Deviation) (danger string, widened bool) {
	from, _ := d.From.(string)
	to, _ := d.To.(string)
	if takesAll(from, to) {
		return "", true
	}
	return either(takesAll(to, from), "values that should fit no longer do", ""), false
}

var sizedType = regexp.MustCompile(`^([a-z]+)(?:\((\d+)(?:,(\d+))?\))?( unsigned)?$`)

// takesAll reports whether all values of one type are values of another, which takes more.
func takesAll(from, to string) bool {
	a, b := sizedType.FindStringSubmatch(from), sizedType.FindStringSubmatch(to)
	if a == nil || b == nil {
		return enumWidens(from, to)
	}
	for _, chain := range [][]string{
		{"tinyint", "smallint", "mediumint", "int", "bigint"}, {"float", "double"},
		{"tinytext", "text", "mediumtext", "longtext"}, {"tinyblob", "blob", "mediumblob", "longblob"},
	} {
		if i, j := slices.Index(chain, a[1]), slices.Index(chain, b[1]); i >= 0 && j > i && a[4] == b[4] {
			return true
		}
	}
	size := func(m []string, i int) int { n, _ := strconv.Atoi(m[i]); return n }
	switch {
	case a[1] == "varchar" && slices.Contains([]string{"mediumtext", "longtext"}, b[1]):
		return true
	case a[1] != b[1] || a[4] != b[4] || from == to:
		return false
	case a[1] == "decimal":
		return size(b, 3) >= size(a, 3) && size(b, 2)-size(b, 3) >= size(a, 2)-size(a, 3)
	}
	return slices.Contains([]string{"varchar", "varbinary", "char", "datetime", "timestamp", "time", "bit"}, a[1]) && size(b, 2) > size(a, 2)
}

// enumWidens reports whether values were only added at the end.
func enumWidens(from, to string) bool {
	for _, word := range []string{"enum(", "set("} {
		if strings.HasPrefix(from, word) && strings.HasPrefix(to, strings.TrimSuffix(from, ")")+",") {
			return true
		}
	}
	return false
}
