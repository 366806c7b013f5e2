package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// sample is what one run of the program took, or the medians of several.
type sample struct {
	seconds float64 // wall clock
	cpu     float64 // seconds of processor time, of the program and the servers that it started
	peak    float64 // MB resident, of the program alone
}

// noChanges is what a plan without changes says.
const noChanges = "No changes"

// command runs the program once, with a cache and a home of the run's own.
func (b *bench) command(ctx context.Context, args ...string) (sample, []byte, error) {
	cmd := exec.CommandContext(ctx, b.binary, args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) } // so that it cleans up
	cmd.WaitDelay = 30 * time.Second
	cmd.Env = append(os.Environ(), "XDG_CACHE_HOME="+filepath.Join(b.dir, "cache"), "SCHEMACTL_SERVERS="+serversDir(), "NO_COLOR=1")
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	start := time.Now()
	err := cmd.Run()
	s := sample{seconds: time.Since(start).Seconds()}
	if err != nil {
		return s, nil, fmt.Errorf("schemactl %s: %w\n%s", args[0], err, errOut.String())
	}
	s.cpu = (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()
	s.peak = peakMB(cmd.ProcessState)
	return s, out.Bytes(), nil
}

// serversDir is where scripts/servers.sh puts servers: the run's own cache folder must not hide them.
func serversDir() string {
	if dir := os.Getenv("SCHEMACTL_SERVERS"); dir != "" {
		return dir
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "schemactl", "servers")
}

// repeat runs the program n times and returns the medians.
func (b *bench) repeat(ctx context.Context, n int, args ...string) (sample, error) {
	var all []sample
	for range n {
		s, _, err := b.command(ctx, args...)
		if err != nil {
			return s, err
		}
		all = append(all, s)
	}
	return medians(all), nil
}

// plan runs n plans that must find no changes.
func (b *bench) plan(ctx context.Context, n int, args ...string) (sample, error) {
	var all []sample
	for range n {
		s, out, err := b.command(ctx, append([]string{"plan"}, args...)...)
		if err != nil {
			return s, err
		}
		if !strings.Contains(string(out), noChanges) {
			return s, fmt.Errorf("schemactl plan %s: expected no changes, got:\n%.2000s", args, out)
		}
		all = append(all, s)
	}
	return medians(all), nil
}

// drift measures the comparison of a database that is in step.
func (b *bench) drift(ctx context.Context, n int, args ...string) (sample, error) {
	var all []sample
	for range n {
		s, out, err := b.command(ctx, append([]string{"drift"}, args...)...)
		if err != nil {
			return s, err
		}
		if !strings.HasPrefix(string(out), "In step") {
			return s, fmt.Errorf("schemactl drift %s: expected none, got:\n%.2000s", args, out)
		}
		all = append(all, s)
	}
	return medians(all), nil
}

func medians(all []sample) sample {
	pick := func(f func(sample) float64) float64 {
		values := make([]float64, len(all))
		for i, s := range all {
			values[i] = f(s)
		}
		return median(values)
	}
	return sample{
		seconds: pick(func(s sample) float64 { return s.seconds }),
		cpu:     pick(func(s sample) float64 { return s.cpu }),
		peak:    pick(func(s sample) float64 { return s.peak }),
	}
}

func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	values = slices.Sorted(slices.Values(values))
	return values[len(values)/2]
}
