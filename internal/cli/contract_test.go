package cli

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/schemactl/schemactl/internal/dbtest"
)

// realSchema is the schema of a program as others deliver it: its files by dialect, below SCHEMACTL_TEST_SCHEMAS.
type realSchema struct {
	name            string
	postgres, mysql []string
	tooSlow         string // the server that takes too long for it
}

func realSchemas() []realSchema {
	one := func(path string) []string { return []string{path} }
	return []realSchema{
		{name: "zabbix", tooSlow: "mysql-9.7", postgres: one("zabbix-server-pgsql/usr/share/zabbix-server-pgsql/schema.sql.gz"), mysql: one("zabbix-server-mysql/usr/share/zabbix-server-mysql/schema.sql.gz")},
		{name: "icinga", postgres: one("icinga2-ido-pgsql/usr/share/icinga2-ido-pgsql/schema/pgsql.sql"), mysql: one("icinga2-ido-mysql/usr/share/icinga2-ido-mysql/schema/mysql.sql")},
		{name: "powerdns", postgres: one("pdns-backend-pgsql/usr/share/pdns-backend-pgsql/schema/schema.pgsql.sql"), mysql: one("pdns-backend-mysql/usr/share/pdns-backend-mysql/schema/schema.mysql.sql")},
		{name: "kea", postgres: one("kea-admin/usr/share/kea/scripts/pgsql/dhcpdb_create.pgsql"), mysql: one("kea-admin/usr/share/kea/scripts/mysql/dhcpdb_create.mysql")},
		{
			name:     "freeradius",
			postgres: one("freeradius-config/etc/freeradius/3.0/mods-config/sql/main/postgresql/schema.sql"),
			mysql: []string{
				"freeradius-config/etc/freeradius/3.0/mods-config/sql/main/mysql/schema.sql",
				"freeradius-config/etc/freeradius/3.0/mods-config/sql/ippool/mysql/schema.sql",
				"freeradius-config/etc/freeradius/3.0/mods-config/sql/ippool/mysql/procedure.sql",
			},
		},
		{name: "tt-rss", postgres: one("tt-rss/usr/share/tt-rss/schema/ttrss_schema_pgsql.sql"), mysql: one("tt-rss/usr/share/tt-rss/schema/ttrss_schema_mysql.sql")},
		{name: "rsyslog", postgres: one("rsyslog-pgsql/usr/share/dbconfig-common/data/rsyslog-pgsql/install/pgsql"), mysql: one("rsyslog-mysql/usr/share/dbconfig-common/data/rsyslog-mysql/install/mysql")},
		{name: "roundcube", postgres: one("roundcube-core/usr/share/roundcube/SQL/postgres.initial.sql"), mysql: one("roundcube-core/usr/share/roundcube/SQL/mysql.initial.sql")},
		{name: "bacula", postgres: one("bacula-director-pgsql/usr/share/dbconfig-common/data/bacula-director-pgsql/install/pgsql"), mysql: one("bacula-director-mysql/usr/share/dbconfig-common/data/bacula-director-mysql/install/mysql")},
		{name: "davical", postgres: []string{
			"libawl-php/usr/share/awl/dba/awl-tables.sql", "libawl-php/usr/share/awl/dba/schema-management.sql",
			"davical/usr/share/davical/dba/davical.sql", "davical/usr/share/davical/dba/rrule_functions.sql",
			"davical/usr/share/davical/dba/caldav_functions.sql", "davical/usr/share/davical/dba/views/dav_principal.sql",
		}},
		{name: "kamailio", postgres: kamailio("kamailio-postgres-modules/usr/share/kamailio/postgres/"), mysql: kamailio("kamailio-mysql-modules/usr/share/kamailio/mysql/")},
		{name: "temporal", postgres: one("temporal/schema/postgresql/v12/temporal/schema.sql"), mysql: one("temporal/schema/mysql/v8/temporal/schema.sql")},
	}
}

func kamailio(dir string) []string {
	var out []string
	for _, module := range []string{
		"standard", "acc", "auth_db", "carrierroute", "cpl", "dialog", "dialplan", "dispatcher", "domain", "drouting", "group", "htable",
		"lcr", "msilo", "mtree", "permissions", "presence", "registrar", "sca", "topos", "uac", "usrloc",
	} {
		out = append(out, dir+module+"-create.sql")
	}
	return out
}

// TestInspectIsAContract inspects real schemas. Their own HCL and SQL plan nothing, and make the same database again
// where there is none: by schemactl, and the SQL by the server's own client, too.
func TestInspectIsAContract(t *testing.T) {
	t.Parallel()
	for _, srv := range dbtest.Newest() {
		for _, s := range realSchemas() {
			files := s.postgres
			if srv.Scheme != "postgres" {
				files = s.mysql
			}
			if files == nil || s.tooSlow == srv.Name {
				continue
			}
			t.Run(srv.Name+"/"+s.name, func(t *testing.T) {
				t.Parallel()
				original := srv.Database(t)
				if err := byClient(t, original, schemaText(t, files)); err != "" {
					t.Fatal(err)
				}
				holdContract(t, original)
			})
		}
	}
}

func holdContract(t *testing.T, original *dbtest.DB) {
	t.Helper()
	dir := t.TempDir()
	want := catalogText(t, original)
	if len(want) == 0 {
		t.Fatal("the schema is empty")
	}
	check := func(made *dbtest.DB, how string) {
		if diff := difference(want, catalogText(t, made)); diff != "" {
			t.Errorf("%s makes something else:\n%s", how, diff)
		}
	}
	for _, format := range []string{"hcl", "sql"} {
		file := filepath.Join(dir, "schema."+format)
		succeed(t, "inspect", "--url", original.URL, "--format", format, "--out", file)
		if out := succeed(t, "plan", "--url", original.URL, "--to", "file://"+file, "--dev-url", "scratch://"); !strings.Contains(out, "No changes") {
			t.Errorf("its own %s plans something:\n%s", format, out)
			continue
		}
		made := original.Server.Database(t)
		succeed(t, "apply", "--url", made.URL, "--to", "file://"+file, "--dev-url", "scratch://", "--auto-approve")
		check(made, "apply of its "+format)
	}
	text, err := os.ReadFile(filepath.Join(dir, "schema.sql"))
	if err != nil {
		t.Fatal(err)
	}
	made := original.Server.Database(t)
	if err := byClient(t, made, string(text)); err != "" {
		t.Errorf("the client cannot load its SQL: %s", err)
		return
	}
	check(made, "the client with its sql")
}

// schemaText reads the files of a schema, which may be compressed.
func schemaText(t *testing.T, files []string) string {
	t.Helper()
	root := os.Getenv("SCHEMACTL_TEST_SCHEMAS")
	if root == "" {
		t.Fatal(`SCHEMACTL_TEST_SCHEMAS is not set: run the tests with make test, or eval "$(scripts/testtools.sh env)"`)
	}
	var out strings.Builder
	for _, name := range files {
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, ".gz") {
			r, err := gzip.NewReader(bytes.NewReader(text))
			if err != nil {
				t.Fatal(err)
			}
			if text, err = io.ReadAll(r); err != nil {
				t.Fatal(err)
			}
		}
		out.Write(append(text, '\n'))
	}
	return out.String()
}

// byClient runs SQL with the server's own client and returns what that says when it fails.
func byClient(t *testing.T, db *dbtest.DB, text string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", db.URL)
	if db.Server.Scheme != "postgres" {
		u, err := url.Parse(db.URL)
		if err != nil {
			t.Fatal(err)
		}
		password, _ := u.User.Password()
		cmd = exec.CommandContext(t.Context(), "mariadb", "--no-defaults", "--comments", "--init-command=SET NAMES utf8mb4", "-h", u.Hostname(), "-P", u.Port(),
			"-u", u.User.Username(), "-p"+password, db.Name)
	}
	cmd.Env = append(os.Environ(), "PGOPTIONS=-c client_min_messages=error")
	cmd.Stdin = strings.NewReader(text)
	if out, err := cmd.CombinedOutput(); err != nil {
		return err.Error() + ": " + string(out)
	}
	return ""
}

// difference shows the lines that only one of two texts has.
func difference(want, got []string) string {
	seen := map[string]int{}
	for _, l := range got {
		seen[l]++
	}
	var out []string
	for _, l := range want {
		if seen[l]--; seen[l] < 0 {
			out = append(out, "- "+l)
		}
	}
	for _, l := range got {
		if seen[l] > 0 {
			seen[l]--
			out = append(out, "+ "+l)
		}
	}
	return strings.Join(out[:min(len(out), 40)], "\n")
}
