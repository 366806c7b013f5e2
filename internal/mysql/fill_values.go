package mysql

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/schemactl/schemactl/internal/sample"
)

// columnType is a type by its parts.
type columnType struct {
	name   string   // in small letters
	args   []string // without quotes
	signed bool
}

var (
	typePattern = regexp.MustCompile(`(?is)^(\w+)\s*(?:\((.*)\))?(.*)$`)
	quotedName  = regexp.MustCompile("`(?:[^`]|``)+`")
)

func parseType(s string) columnType {
	m := typePattern.FindStringSubmatch(s)
	if m == nil {
		return columnType{name: s}
	}
	t := columnType{name: strings.ToLower(m[1]), signed: !strings.Contains(strings.ToLower(m[3]), "unsigned")}
	if t.name == "enum" || t.name == "set" {
		t.args = sample.Strings(m[2])
	} else if m[2] != "" {
		t.args = strings.Split(strings.ReplaceAll(m[2], " ", ""), ",")
	}
	return t
}

func (t columnType) arg(i, fallback int) int {
	if i < len(t.args) {
		if n, err := strconv.Atoi(t.args[i]); err == nil {
			return n
		}
	}
	return fallback
}

// sort tells in which form a type takes values.
func (t columnType) sort() sample.Sort {
	switch t.name {
	case "tinyint", "smallint", "mediumint", "int", "integer", "bigint", "decimal", "numeric", "float", "double", "real", "year":
		return sample.Number
	case "char", "varchar", "tinytext", "text", "mediumtext", "longtext":
		return sample.Text
	case "date", "time", "datetime", "timestamp":
		return sample.Time
	case "enum", "set":
		return sample.Closed
	}
	return sample.Other
}

// columnValue makes values for one column.
type columnValue struct {
	typ, fitting columnType
	srid         string
	mariadb      bool
}

// fit makes the values such that the desired type takes them, where both can.
func (v *columnValue) fit(wanted columnType) {
	switch {
	case v.typ.name == wanted.name && (wanted.name == "enum" || wanted.name == "set"):
		kept := slices.DeleteFunc(slices.Clone(v.typ.args), func(l string) bool { return !slices.Contains(wanted.args, l) })
		if len(kept) > 0 {
			v.typ.args = kept
		}
	case v.typ.sort() == sample.Text && wanted.sort() != sample.Text:
		switch wanted.name {
		case "enum", "set", "json", "uuid", "inet4", "inet6":
			v.fitting = wanted
		default:
			if wanted.sort() != sample.Other {
				v.fitting = wanted
			}
		}
	}
}

func (v columnValue) literal(i int) string {
	if v.fitting.name != "" {
		return literal(textValue(v.fitting, i))
	}
	if s, ok := v.binary(i); ok {
		return s
	}
	return literal(textValue(v.typ, i))
}

// textValue is the i-th value of a type that takes text.
func textValue(t columnType, i int) string {
	n := i + 1
	switch t.name {
	case "tinyint":
		return strconv.Itoa(n % 100)
	case "smallint", "mediumint", "int", "integer", "bigint", "float", "double", "real":
		return strconv.Itoa(n)
	case "decimal", "numeric":
		if scale := t.arg(1, 0); t.arg(0, 10) <= scale {
			return fmt.Sprintf("0.%0*d", scale, n)
		}
		return sample.Within(n, t.arg(0, 10)-t.arg(1, 0))
	case "year":
		return strconv.Itoa(2001 + n%100)
	case "date":
		return fmt.Sprintf("2024-%02d-%02d", 1+n/28%12, 1+n%28)
	case "datetime", "timestamp":
		return fmt.Sprintf("2024-%02d-%02d 10:00:00", 1+n/28%12, 1+n%28)
	case "time":
		return fmt.Sprintf("%02d:%02d:00", n/60%24, n%60)
	case "json":
		return fmt.Sprintf(`{"a": %d}`, n)
	case "uuid":
		return fmt.Sprintf("00000000-0000-4000-8000-%012x", n)
	case "inet4":
		return fmt.Sprintf("10.0.%d.%d", n/200, n%200)
	case "inet6":
		return fmt.Sprintf("::%x", n)
	case "enum", "set":
		if len(t.args) == 0 {
			return ""
		}
		return t.args[i%len(t.args)]
	}
	return sample.Letters(i)
}

// binary is the i-th value of a type that takes bytes, bits or shapes.
func (v columnValue) binary(i int) (string, bool) {
	n := i + 1
	switch v.typ.name {
	case "bit":
		return fmt.Sprintf("b'%b'", n%(1<<min(20, v.typ.arg(0, 1)))), true
	case "binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob":
		return fmt.Sprintf("X'%02x'", n%256), true
	case "vector":
		list := make([]string, v.typ.arg(0, 1))
		for k := range list {
			list[k] = strconv.Itoa(n)
		}
		function := "STRING_TO_VECTOR"
		if v.mariadb {
			function = "VEC_FromText"
		}
		return fmt.Sprintf("%s('[%s]')", function, strings.Join(list, ",")), true
	}
	shape, ok := v.shape(n % 50)
	if !ok {
		return "", false
	}
	if v.srid != "" {
		return fmt.Sprintf("ST_GeomFromText('%s', %s)", shape, v.srid), true
	}
	return fmt.Sprintf("ST_GeomFromText('%s')", shape), true
}

func (v columnValue) shape(n int) (string, bool) {
	line := fmt.Sprintf("(%d %d, %d %d)", n, n, n+1, n)
	area := fmt.Sprintf("((%d %d, %d %d, %d %d, %d %d))", n, n, n+1, n, n, n+1, n, n)
	point := fmt.Sprintf("(%d %d)", n, n)
	switch v.typ.name {
	case "point", "geometry":
		return "POINT" + point, true
	case "linestring":
		return "LINESTRING" + line, true
	case "polygon":
		return "POLYGON" + area, true
	case "multipoint":
		return "MULTIPOINT" + point, true
	case "multilinestring":
		return "MULTILINESTRING(" + line + ")", true
	case "multipolygon":
		return "MULTIPOLYGON(" + area + ")", true
	case "geometrycollection", "geomcollection":
		return "GEOMETRYCOLLECTION(POINT" + point + ")", true
	}
	return "", false
}

// hinted are the values that conditions may mean.
func (v columnValue) hinted(texts []string) []string {
	hints := sample.Hints(v.typ.sort(), texts)
	out := make([]string, len(hints))
	for i, h := range hints {
		out[i] = literal(h)
	}
	return out
}
