package mysql

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/schemactl/schemactl/internal/catalog"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/object"
)

// others is the name under which a Catalog keeps what is not managed and stands in no query of a kind.
const others = "others"

// otherKind is a kind of object that is only reported. Not every user may read where it is listed.
type otherKind struct {
	name   string // of the kind
	query  string // of the names
	reason string
}

// otherKinds are the server's own objects, which are reported to those who manage the whole server, and what is known
// of databases.
func otherKinds(s server, in within, scope dialect.Scope) []otherKind {
	const later = "" // nothing more to say than that it is not managed
	var out []otherKind
	if !s.mariadb {
		out = append(out, otherKind{
			"read-only database", "SELECT SCHEMA_NAME FROM information_schema.SCHEMATA_EXTENSIONS WHERE OPTIONS LIKE '%READ ONLY=1%' AND " +
				in("SCHEMA_NAME") + " ORDER BY 1",
			"it takes no changes until ALTER DATABASE … READ ONLY = 0",
		})
	}
	if scope.Bound {
		return out
	}
	if !scope.Has(userKind) {
		out = append(out, otherKind{
			userKind, "SELECT CONCAT(User, '@', Host) FROM mysql.user WHERE NOT " + systemAccounts + " AND CONCAT(User, '@', Host) <> CURRENT_USER() ORDER BY 1",
			"not asked for: manage { users = true }",
		})
	}
	out = append(out, otherKind{"server", "SELECT Server_name FROM mysql.servers ORDER BY 1", later})
	if s.mariadb {
		return append(out, otherKind{"loadable function", "SELECT name FROM mysql.func ORDER BY 1", later})
	}
	return append(out,
		otherKind{"loadable function", "SELECT name FROM mysql.func ORDER BY 1", later},
		otherKind{"resource group", "SELECT RESOURCE_GROUP_NAME FROM information_schema.RESOURCE_GROUPS WHERE RESOURCE_GROUP_NAME NOT IN ('USR_default', 'SYS_default') ORDER BY 1", later},
		// A table has a tablespace of its own, with its database in the name.
		otherKind{"spatial reference system", "SELECT CONCAT(SRS_ID, ' ', SRS_NAME) FROM information_schema.ST_SPATIAL_REFERENCE_SYSTEMS WHERE " + madeSystems + " ORDER BY SRS_ID", later},
		otherKind{"tablespace", "SELECT TABLESPACE_NAME FROM information_schema.TABLESPACES_EXTENSIONS WHERE TABLESPACE_NAME NOT LIKE '%/%' " +
			"AND TABLESPACE_NAME NOT LIKE 'innodb\\_%' AND TABLESPACE_NAME <> 'mysql' ORDER BY 1", later},
	)
}

// madeSystems is the condition for spatial reference systems that users made. The server's own are number 0 and those of
// EPSG, under their numbers there, which are below 32768 (MySQL manual, "CREATE SPATIAL REFERENCE SYSTEM Statement").
const madeSystems = "SRS_ID <> 0 AND NOT (SRS_ID < 32768 AND ORGANIZATION <=> 'EPSG' AND ORGANIZATION_COORDSYS_ID <=> SRS_ID)"

// readOthers lists the objects that are only reported. What the user may not list is said, too.
func readOthers(ctx context.Context, conn *sql.Conn, s server, in within, scope dialect.Scope) (*catalog.Rows, error) {
	out := catalog.NewRows("kind", "name", "reason")
	for _, k := range otherKinds(s, in, scope) {
		rows, err := catalog.Read(ctx, conn, nil, []catalog.Query{{Name: k.name, SQL: k.query}})
		if err := s.fault(err, ""); err != nil {
			if ctx.Err() != nil {
				return nil, fmt.Errorf("list each %s: %w", k.name, err)
			}
			if !scope.Bound && !isUnknownTable(err) {
				out.Add(k.name, "*", "the user may not list them: "+firstLine(err.Error()))
			}
			continue
		}
		names := rows[k.name]
		column := names.Columns[0]
		_ = names.Each(func(r catalog.Row) error {
			out.Add(k.name, r.Str(column), k.reason)
			return nil
		})
	}
	return out, nil
}

// isUnknownTable reports whether the server is older than the table.
func isUnknownTable(err error) bool { return hasNumber(err, 1109, 1146) }

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// buildOthers reports them.
func buildOthers(b *builder) error {
	return b.rows(others, func(r catalog.Row) error {
		b.unreadable(r.Str("kind"), object.ID{Name: r.Str("name")}, r.Str("reason"))
		return nil
	})
}

// tellDefiners reports the definers that a source names: what is made anew belongs to the user that makes it.
func (b *builder) tellDefiners() {
	if b.catalog.Settings[loaded] == "" {
		return
	}
	own := account(b.catalog.Settings["account"])
	for _, o := range b.objects {
		definer := ""
		switch v := o.Value.(type) {
		case *View:
			definer = v.Definer
		case *Routine:
			definer = v.Definer
		case *Trigger:
			definer = v.Definer
		case *Event:
			definer = v.Definer
		}
		if definer = strings.ReplaceAll(definer, `"`, "`"); definer != "" && definer != own {
			b.unreadable("definer", o.ID, definer+" is not taken over: what is new belongs to the user that applies")
		}
	}
}
