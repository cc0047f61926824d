//go:build !race

package draft_test

const underRace = false
