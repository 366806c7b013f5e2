package localserver

import (
	"math"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// memoryDir is a folder in memory, or empty; enough tells whether it has room for the data of a large server.
func memoryDir() (dir string, enough bool) {
	const shm, tmpfs = "/dev/shm", 0x01021994 // linux/magic.h
	var fs syscall.Statfs_t
	if err := syscall.Statfs(shm, &fs); err != nil || fs.Type != tmpfs {
		return "", false
	}
	return shm, roomy(fs.Bavail*uint64(fs.Bsize), memAvailable("/proc/meminfo"), memLimit("/sys/fs/cgroup/memory.max"))
}

// roomy tells whether a server's data fits into memory beside all else: 10,000 tables take a gigabyte or two.
func roomy(free, available, limit uint64) bool {
	const gb = 1 << 30
	return free >= 4*gb && available >= 6*gb && limit >= 8*gb
}

// memAvailable reads how many bytes of memory new work can have; 0 when that cannot be told.
func memAvailable(meminfo string) uint64 {
	text, err := os.ReadFile(meminfo)
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(text), "MemAvailable:")
	line, _, _ := strings.Cut(rest, "\n")
	kb, err := strconv.ParseUint(strings.TrimSpace(strings.TrimSuffix(line, "kB")), 10, 64)
	if err != nil {
		return 0
	}
	return kb << 10
}

// memLimit reads the limit of a container; without one there is none.
func memLimit(file string) uint64 {
	text, err := os.ReadFile(file)
	if err != nil {
		return math.MaxUint64
	}
	n, err := strconv.ParseUint(strings.TrimSpace(string(text)), 10, 64)
	if err != nil { // "max"
		return math.MaxUint64
	}
	return n
}
