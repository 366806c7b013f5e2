package postgres

import (
	"errors"
	"regexp"
	"strings"
)

// insufficientPrivilege is the code of all that a role may not do.
const insufficientPrivilege = "42501"

// lack is a way in which the server says that a role may not do something, and what gives it the right. $1 is what the
// message names, %r the role and %d the database. What the server says in another language than English is not known.
type lack struct{ says, hint string }

// lacks follow src/backend/catalog/aclchk.c (aclcheck_error) and the commands' own messages, versions 14 to 18.
func lacks() []lack {
	grant := func(kind, privilege, on string) lack {
		return lack{`^permission denied for ` + kind + ` (.+)$`, "GRANT " + privilege + " ON " + on + ` "$1" TO %r, as its owner`}
	}
	return []lack{
		{`privileges of the "(.+?)" role`, `GRANT "$1" TO %r`},
		{`(?i:ADMIN option) on role "(.+?)"`, `GRANT "$1" TO %r WITH ADMIN OPTION`},
		{`(?i:must be) (?:a )?(?:member of|able to SET ROLE) (?:role )?"(.+?)"`, `GRANT "$1" TO %r`},
		{`CREATEROLE|^permission denied to (?:create|drop|alter) role`, "ALTER ROLE %r CREATEROLE, as a superuser"},
		{`CREATE privilege on (?:the )?current database`, "GRANT CREATE ON DATABASE %d TO %r, as its owner"},
		{`(?i:superuser)`, "connect as a superuser, which %r is not, or let one do this part beforehand"},
		{`^must be owner of`, "connect as its owner, or make %r a member of the role that owns it"},
		grant("schema", "USAGE, CREATE", "SCHEMA"),
		grant("database", "CREATE", "DATABASE"),
		grant("tablespace", "CREATE", "TABLESPACE"),
		grant("language", "USAGE", "LANGUAGE"),
		grant("foreign server", "USAGE", "FOREIGN SERVER"),
		grant("foreign-data wrapper", "USAGE", "FOREIGN DATA WRAPPER"),
		grant("type", "USAGE", "TYPE"),
		grant("(?:function|procedure|aggregate|routine)", "EXECUTE", "ROUTINE"),
		{
			`^permission denied for (?:table|view|materialized view|foreign table|sequence|column) `,
			"let its owner grant %r what this takes: SELECT to read it, TRIGGER for triggers, REFERENCES for foreign keys, a privilege WITH GRANT OPTION to pass it on",
		},
	}
}

// anyLack is what to do about the rest.
const anyLack = "grant the role what it lacks, or connect as the owner of the object"

// denied says in an error about rights which role lacks them, and what gives them to it.
func (s *session) denied(err error) error {
	var f *serverFault
	if !errors.As(err, &f) || f.code != insufficientPrivilege {
		return err
	}
	names := strings.NewReplacer("%r", ident(s.user), "%d", ident(s.database))
	text := f.Message + "\n" + f.Hint
	for _, l := range lacks() {
		says := regexp.MustCompile("(?m:" + l.says + ")")
		if m := says.FindStringSubmatchIndex(text); m != nil {
			f.Hint = names.Replace(string(says.ExpandString(nil, l.hint, text, m)))
			return err
		}
	}
	if f.Hint == anyLack {
		f.Hint = names.Replace("let the owner of the object grant %r what it lacks, or connect as that owner")
	}
	return err
}
