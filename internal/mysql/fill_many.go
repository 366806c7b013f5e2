package mysql

import (
	"fmt"
	"strings"

	"github.com/schemactl/schemactl/internal/sample"
)

// maker makes values of a type out of numbers above a thousand; nil where the values that are there must do.
func maker(t columnType) *sample.Maker {
	if m := numberMaker(t); m != nil {
		return m
	}
	if m := momentMaker(t); m != nil {
		return m
	}
	switch t.name {
	case "char", "varchar":
		return letters(t.arg(0, 1))
	case "tinytext", "text", "mediumtext", "longtext":
		return letters(longText)
	case "binary", "varbinary":
		return octets(t.arg(0, 1))
	case "tinyblob", "blob", "mediumblob", "longblob":
		return octets(longText)
	case "json":
		return made(0, "JSON_OBJECT('a', %s)")
	case "uuid":
		return made(sample.Endless, "LEFT(SHA2(%s, 256), 32)")
	case "inet4":
		return made(16_000_000, "INET_NTOA(184549376 + %s)")
	case "enum", "set":
		return labelled(t.args)
	case "bit":
		return made(0, "(%s) %% "+fmt.Sprint(int64(1)<<min(20, t.arg(0, 1))))
	}
	return nil
}

// longText is as long as made-up texts get.
const longText = 44

func made(most int64, form string) *sample.Maker {
	return &sample.Maker{Most: most, SQL: func(n string) string { return fmt.Sprintf(form, n) }}
}

func numberMaker(t columnType) *sample.Maker {
	switch t.name {
	case "tinyint":
		return made(100, "28 + (%s) %% 100")
	case "smallint":
		return made(31_000, "1001 + (%s) %% 31000")
	case "mediumint":
		return made(8_000_000, "1001 + (%s) %% 8000000")
	case "int", "integer":
		return made(2_000_000_000, "%s")
	case "bigint", "double", "real":
		return made(sample.Endless, "%s")
	case "float":
		return made(0, "(%s) %% 1000000")
	case "year":
		return made(0, "1910 + (%s) %% 200")
	case "decimal", "numeric":
		return figures(t.arg(0, 10) - t.arg(1, 0))
	}
	return nil
}

// figures makes numbers of so many digits before the point.
func figures(before int) *sample.Maker {
	switch {
	case before < 1:
		return nil
	case before >= 12:
		return made(sample.Endless, "%s")
	}
	most := int64(1)
	for range before {
		most *= 10
	}
	if before < 4 {
		return made(0, "(%s) %% "+fmt.Sprint(most))
	}
	return made(most-1001, "1001 + (%s) %% "+fmt.Sprint(most-1001))
}

func momentMaker(t columnType) *sample.Maker {
	switch t.name {
	case "date":
		return made(300_000, "DATE_ADD('1000-01-01', INTERVAL ((%s) %% 300000) DAY)")
	case "datetime":
		return made(sample.Endless, "DATE_ADD('2030-01-01 00:00:00', INTERVAL (%s) SECOND)")
	case "timestamp":
		return made(1_000_000_000, "FROM_UNIXTIME(946684800 + %s)")
	case "time":
		return made(700_000, "SEC_TO_TIME(100000 + (%s) %% 700000)")
	}
	return nil
}

// letters makes texts for so many characters. MD5 is no function of MySQL any more since 9.6.
func letters(length int) *sample.Maker {
	switch {
	case length >= longText:
		return &sample.Maker{Most: sample.Endless, SQL: func(n string) string {
			return fmt.Sprintf("CONCAT(LOWER(CONV(%[1]s, 10, 36)), '-', LEFT(SHA2(%[1]s, 256), 32))", n)
		}}
	case length >= 7:
		return made(sample.Endless, "LOWER(CONV(%s, 10, 36))")
	case length < 3:
		return made(0, "LEFT(SHA2(%s, 256), "+fmt.Sprint(max(1, length))+")")
	}
	most := int64(1)
	for range length {
		most *= 36
	}
	return made(most, fmt.Sprintf("LPAD(LOWER(CONV((%%s) %%%% %d, 10, 36)), %d, '0')", most, length))
}

func octets(length int) *sample.Maker {
	switch {
	case length >= 16:
		return made(sample.Endless, "UNHEX(LEFT(SHA2(%s, 256), 32))")
	case length >= 5:
		return made(sample.Endless, fmt.Sprintf("UNHEX(LPAD(HEX(%%s), %d, '0'))", 2*length))
	}
	return made(0, "UNHEX(LEFT(SHA2(%s, 256), "+fmt.Sprint(2*max(1, length))+"))")
}

func labelled(labels []string) *sample.Maker {
	if len(labels) == 0 {
		return nil
	}
	quoted := make([]string, len(labels))
	for i, l := range labels {
		quoted[i] = literal(l)
	}
	return &sample.Maker{SQL: func(n string) string {
		return fmt.Sprintf("ELT(1 + (%s) %% %d, %s)", n, len(quoted), strings.Join(quoted, ", "))
	}}
}

// tighter makes values that both types take, where they are for the same sort of values.
func tighter(now, later columnType) *sample.Maker {
	a, b := maker(now), maker(later)
	if a == nil || b == nil || now.sort() != later.sort() {
		return nil
	}
	switch now.sort() {
	case sample.Text:
		return letters(min(textLength(now), textLength(later)))
	case sample.Number:
		if b.Most < a.Most {
			return b
		}
		return a
	case sample.Other:
		if now.name != later.name {
			return nil
		}
		if b.Most < a.Most {
			return b
		}
		return a
	}
	return nil // moments and lists: those that are there were made for both
}

func textLength(t columnType) int {
	if t.name == "char" || t.name == "varchar" {
		return t.arg(0, 1)
	}
	return longText
}
