package localserver

import "syscall"

// dieWithParent has the kernel end the child when the thread that started it ends, and so when we are killed.
func dieWithParent(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGQUIT }
