package main

import (
	"strings"
	"testing"
	"time"

	"handoff/store"
)

func TestStatusTellsOfBouncingAddresses(t *testing.T) {
	for n, want := range map[int]string{
		0: "",
		1: "1 address bounces: \"handoff outbox bounces\"\n",
		2: "2 addresses bounce: \"handoff outbox bounces\"\n",
	} {
		var out strings.Builder
		d := &desk{zone: time.UTC}
		if err := d.printStatus(&Env{Stdout: &out}, statusReport{Status: store.Status{Bouncing: n}}); err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(out.String(), want) || n == 0 && strings.Contains(out.String(), "bounce") {
			t.Errorf("%d: %s", n, out.String())
		}
	}
}
