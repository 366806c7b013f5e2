package postgres

import "strings"

// respell makes the server read its own spelling back as it meant it. A cast right at an array constructor is applied
// to the elements (PostgreSQL manual, "Array Constructors"), so what the server prints as
//
//	(ARRAY['a'::character varying])::text[]
//
// for the array of an IN list would come back as ARRAY[('a'::character varying)::text], for ever different from the
// desired state. Naming the array's own type first keeps the cast where it was. Text inside quotes is left alone.
func respell(sql string) string {
	const head = "(ARRAY["
	if !strings.Contains(sql, head) {
		return sql
	}
	var b strings.Builder
	for i := 0; i < len(sql); {
		if end := skipQuoted(sql, i); end > i {
			b.WriteString(sql[i:end])
			i = end
			continue
		}
		if !strings.HasPrefix(sql[i:], head) {
			b.WriteByte(sql[i])
			i++
			continue
		}
		end := closing(sql, i+len(head)-1)
		inner, ok := elementType(sql[i+len(head) : end])
		rest, isCast := strings.CutPrefix(sql[min(end+1, len(sql)):], ")::")
		if ok && isCast && !strings.HasPrefix(rest, inner+"[]") {
			b.WriteString(head + respell(sql[i+len(head):end]) + "]::" + inner + "[])::")
			i = end + len("])::")
			continue
		}
		b.WriteString(head)
		i += len(head)
	}
	return b.String()
}

// skipQuoted returns the end of the string, quoted name or dollar-quoted text that starts at i, or i.
func skipQuoted(sql string, i int) int {
	switch sql[i] {
	case '\'', '"':
		for j := i + 1; j < len(sql); j++ {
			if sql[j] == sql[i] {
				return j + 1
			}
		}
		return len(sql)
	case '$':
		tagEnd := strings.IndexByte(sql[i+1:], '$')
		if tagEnd < 0 || strings.ContainsAny(sql[i+1:i+1+tagEnd], " \t\n(),;'\"") {
			return i
		}
		tag := sql[i : i+tagEnd+2]
		if end := strings.Index(sql[i+len(tag):], tag); end >= 0 {
			return i + len(tag) + end + len(tag)
		}
	}
	return i
}

// closing returns the index of the bracket that closes the one at open, or the end of the text.
func closing(sql string, open int) int {
	depth := 0
	for i := open; i < len(sql); {
		if end := skipQuoted(sql, i); end > i {
			i = end
			continue
		}
		switch sql[i] {
		case '[', '(':
			depth++
		case ']', ')':
			if depth--; depth == 0 {
				return i
			}
		}
		i++
	}
	return len(sql)
}

// elementType is the type to which the first element of a list is cast, where it is a literal with a cast.
func elementType(list string) (string, bool) {
	if list == "" || list[0] != '\'' {
		return "", false
	}
	end := skipQuoted(list, 0)
	for end < len(list) && list[end] == '\'' { // a doubled quote
		end = skipQuoted(list, end)
	}
	rest, ok := strings.CutPrefix(list[end:], "::")
	if !ok {
		return "", false
	}
	if comma := strings.IndexByte(rest, ','); comma >= 0 {
		rest = rest[:comma]
	}
	return rest, rest != "" && !strings.ContainsAny(rest, "()[]")
}
