package postgres_test

import (
	"testing"

	"github.com/schemactl/schemactl/internal/dbtest"
)

func TestMain(m *testing.M) { dbtest.Run(m) }
