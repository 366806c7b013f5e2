//go:build !unix

package policy

import "os/exec"

// alone does nothing where there are no groups of processes: the program alone is killed.
func alone(*exec.Cmd) {}
