//go:build !linux && !darwin

package pdf

import "time"

func bound() {}

// cpuTime is the time since the process started, where the system is not asked for more.
func cpuTime(started time.Time) time.Duration { return time.Since(started) }
