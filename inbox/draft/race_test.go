//go:build race

package draft_test

// underRace tells that the race detector is on: it takes memory of its own.
const underRace = true
