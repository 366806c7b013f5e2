// Command schemactl is schema-as-code for PostgreSQL and MySQL.
package main

import (
	"os"
	"runtime/debug"

	"github.com/schemactl/schemactl/internal/cli"
)

func main() {
	// A run is short: collect little garbage while there is room, more as memory fills up.
	debug.SetGCPercent(400)
	debug.SetMemoryLimit(768 << 20)
	os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
