//go:build !linux && !windows

package localserver

import "syscall"

// dieWithParent has no counterpart here: what we leave behind when killed is swept at the next start.
func dieWithParent(*syscall.SysProcAttr) {}
