package dbtest

import (
	"flag"
	"runtime"
	"strconv"
	"testing"
)

// Run runs a package's tests, more of them at a time than there are processors: they wait for servers. -parallel still
// has the last word.
func Run(m *testing.M) {
	const perProcessor = 4
	flag.Parse()
	chosen := false
	flag.Visit(func(f *flag.Flag) { chosen = chosen || f.Name == "test.parallel" })
	if !chosen {
		if err := flag.Set("test.parallel", strconv.Itoa(perProcessor*runtime.GOMAXPROCS(0))); err != nil {
			panic(err) // there is no such flag
		}
	}
	m.Run()
}
