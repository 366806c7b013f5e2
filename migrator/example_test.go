package migrator_test

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/schemactl/schemactl/migrator"
)

//go:embed testdata/migrations
var files embed.FS

// A program brings its database up to date when it starts.
func Example() {
	ctx := context.Background()
	url, drop := newDatabase() // postgres://app@localhost/app
	defer drop()

	dir, err := fs.Sub(files, "testdata/migrations")
	if err != nil {
		fmt.Println(err)
		return
	}
	m, err := migrator.Open(dir, migrator.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	result, err := m.Apply(ctx, url)
	if stopped := new(migrator.Error); errors.As(err, &stopped) {
		fmt.Printf("%s stopped at line %d: %v\n", stopped.File, stopped.Line, err)
		return
	}
	for _, f := range result.Applied {
		fmt.Println("applied", f.Name)
	}
	status, err := m.Status(ctx, url)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("at", status.Current, "pending", len(status.Pending))
	// Output:
	// applied 20260101000000_users.sql
	// applied 20260108000000_unique_mail.sql
	// at 20260108000000 pending 0
}
