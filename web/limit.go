package web

import (
	"sync"
	"time"
)

// A token may be used so often: burst requests at once, and one more each interval.
const (
	burst    = 60
	interval = time.Second
)

// limiter bounds how often each token is used, by when its burst would be whole again (the generic cell rate algorithm).
type limiter struct {
	now  func() time.Time
	mu   sync.Mutex
	full map[int64]time.Time
}

// take counts a use, or tells after which time there may be one.
func (l *limiter) take(id int64) (wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	full := l.full[id]
	if full.Before(now) {
		full = now
	}
	if wait := full.Sub(now) - (burst-1)*interval; wait > 0 {
		return wait
	}
	if l.full == nil {
		l.full = map[int64]time.Time{}
	}
	l.full[id] = full.Add(interval)
	return 0
}
