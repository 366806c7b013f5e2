package mysql_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/schemactl/schemactl/internal/dbtest"
	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/dialect"
	"github.com/schemactl/schemactl/internal/mysql"
	"github.com/schemactl/schemactl/internal/object"
)

// TestImitate lets a dev database read statements as a target with other settings does: its mode, what a bare TIMESTAMP
// means, its default engine, and the collation of its database.
func TestImitate(t *testing.T) {
	for _, srv := range dbtest.Servers() {
		if srv.Scheme == "postgres" {
			continue
		}
		t.Run(srv.Name, func(t *testing.T) {
			t.Parallel()
			dev := open(t, srv.Database(t))
			imitator := dev.Session.(dialect.Imitator)
			err := imitator.Imitate(t.Context(), map[string]string{
				"sql_mode": "ANSI_QUOTES,NO_ENGINE_SUBSTITUTION", "explicit_defaults_for_timestamp": "0", "default_storage_engine": "MyISAM",
				"character_set_database": "latin1", "collation_database": "latin1_bin",
			})
			if err != nil {
				t.Fatal(err)
			}
			s := dev.desired(t, `CREATE TABLE "t" ("name" varchar(10), "at" timestamp);`)
			table, name, at := value[mysql.Table](t, s, "table", "", "t"), value[mysql.Column](t, s, "column", "t", "name"), value[mysql.Column](t, s, "column", "t", "at")
			if table.Engine != "MyISAM" || table.Collation != "latin1_bin" || name.Collation != "latin1_bin" {
				t.Errorf("the table is %+v, its column %+v", table, name)
			}
			if !at.NotNull || at.OnUpdate == "" || !strings.HasPrefix(strings.ToUpper(at.Default), "CURRENT_TIMESTAMP") {
				t.Errorf("the timestamp is %+v", at)
			}
		})
	}
}

// TestImitateCollationsOfCharsets lets CHARACTER SET mean what it does on the target, where a setting says so.
func TestImitateCollationsOfCharsets(t *testing.T) {
	for _, srv := range dbtest.Servers() {
		if srv.Name != "mariadb-11.8" {
			continue
		}
		for set, want := range map[string]string{
			"": "utf8mb4_general_ci", "utf8mb4=utf8mb4_bin,latin1=latin1_bin": "utf8mb4_bin",
			"utf8mb4=utf8mb4_uca1400_as_cs": "utf8mb4_uca1400_as_cs",
		} {
			dev := open(t, srv.Database(t))
			if err := dev.Session.(dialect.Imitator).Imitate(t.Context(), map[string]string{"character_set_collations": set}); err != nil {
				t.Fatal(err)
			}
			s := dev.desired(t, "CREATE TABLE t (name varchar(10)) CHARACTER SET utf8mb4;")
			if got := value[mysql.Column](t, s, "column", "t", "name").Collation; got != want {
				t.Errorf("%q: the column has collation %s, want %s", set, got, want)
			}
		}
	}
}

// TestImitateSaysWhatItCannot refuses a target whose names of tables are of another kind.
func TestImitateSaysWhatItCannot(t *testing.T) {
	for _, srv := range dbtest.Servers() {
		if srv.Scheme == "postgres" {
			continue
		}
		dev := open(t, srv.Database(t))
		err := dev.Session.(dialect.Imitator).Imitate(t.Context(), map[string]string{"lower_case_table_names": "1"})
		var d *diag.Diagnostic
		if !errors.As(err, &d) || d.Code != "dev-differs" || !strings.Contains(d.Message, "lower_case_table_names=0, the target 1") || d.Hint == "" {
			t.Errorf("%s: %v", srv.Name, err)
		}
	}
}

func value[T any](t *testing.T, s *object.State, kind, table, name string) *T {
	t.Helper()
	o := s.Get(object.ID{Kind: kind, Table: table, Name: name})
	if o == nil {
		t.Fatalf("there is no %s %s", kind, name)
	}
	return o.Value.(*T)
}
