//go:build unix

package main

import (
	"os"
	"runtime"
	"syscall"
)

// peakMB is the most memory that the process itself held at once. The system counts from before the program took the
// place of ours, so that this process must stay small.
func peakMB(s *os.ProcessState) float64 {
	usage, ok := s.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	if runtime.GOOS == "darwin" {
		return float64(usage.Maxrss) / (1 << 20) // bytes there, kilobytes elsewhere
	}
	return float64(usage.Maxrss) / (1 << 10)
}
