//go:build !linux

package localserver

// memoryDir is a folder in memory: only Linux has one everywhere.
func memoryDir() (dir string, enough bool) { return "", false }
