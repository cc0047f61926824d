//go:build !linux && !darwin

package pdf

import "time"

var started = time.Now()

func bound() {}

// cpuTime is the time since the start, where the system is not asked for more.
func cpuTime() time.Duration { return time.Since(started) }
