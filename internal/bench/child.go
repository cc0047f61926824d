package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// Cost is what one process took.
type Cost struct {
	Wall    time.Duration
	CPU     time.Duration // user and system
	PeakRSS int64         // bytes, 0 where the system does not tell
	Exit    int           // its exit code
}

const childMeasure = "measure"

// measured runs a command as a process of its own and returns its cost. It is started by a small process in between, because
// a child's peak memory counts that of the process that it was forked from.
// env is the command's environment, nil for this process's.
func measured(ctx context.Context, log string, env []string, command ...string) (Cost, error) {
	self, err := os.Executable()
	if err != nil {
		return Cost{}, err
	}
	out, err := os.Create(log)
	if err != nil {
		return Cost{}, err
	}
	defer out.Close()
	report := log + ".cost"
	cmd := exec.CommandContext(ctx, self, append([]string{childMeasure, "-report", report, "--"}, command...)...)
	cmd.Stdout, cmd.Stderr, cmd.Env = out, out, env
	// The process in between has to end the command when it is ended itself.
	cmd.Cancel, cmd.WaitDelay = func() error { return cmd.Process.Signal(os.Interrupt) }, 5*time.Second
	if err := cmd.Run(); err != nil {
		return Cost{}, fmt.Errorf("%s: %w; what it said is in %s", filepath.Base(command[0]), err, log)
	}
	text, err := os.ReadFile(report)
	if err != nil {
		return Cost{}, err
	}
	var c Cost
	if err := json.Unmarshal(text, &c); err != nil {
		return Cost{}, err
	}
	if c.Exit != 0 {
		return c, fmt.Errorf("%s ended with exit code %d: %w; what it said is in %s", filepath.Base(command[0]), c.Exit, errExit, log)
	}
	return c, nil
}

// errExit says that a command ran and was not content.
var errExit = errors.New("it failed")

// measureChild is that process in between.
func measureChild(ctx context.Context, args []string) error {
	set := flag.NewFlagSet(childMeasure, flag.ContinueOnError)
	report := set.String("report", "", "file for the cost")
	if err := set.Parse(args); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, set.Arg(0), set.Args()[1:]...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	begun := time.Now()
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		return err
	}
	c := Cost{
		Exit:    cmd.ProcessState.ExitCode(),
		Wall:    time.Since(begun),
		CPU:     cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(),
		PeakRSS: peakRSS(cmd.ProcessState),
	}
	text, err := json.Marshal(c)
	if err != nil {
		return err
	}
	return os.WriteFile(*report, text, 0o644)
}
