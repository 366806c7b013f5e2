// Command schemactl is schema-as-code for PostgreSQL and MySQL.
package main

import (
	"os"

	"github.com/schemactl/schemactl/internal/cli"
)

func main() {
	os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
