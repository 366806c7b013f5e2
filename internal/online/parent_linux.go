package online

import (
	"os/exec"
	"syscall"
)

// endWithParent makes the tool end, and clean up after itself, when schemactl is killed.
func endWithParent(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM} }
