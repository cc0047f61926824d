package main

import (
	"os"
	"testing"
)

// TestMain lets the tests read PDFs as handoff does: by the same program, called as "handoff read-pdf".
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == "read-pdf" {
		main()
		return
	}
	os.Exit(m.Run())
}
