//go:build !race

// The race detector takes memory of its own.

package draft_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// TestPDFProcess: the process that reads a PDF takes, beyond what it takes for a small one, no more than three times the
// file and 32 MB, as the system counts it.
func TestPDFProcess(t *testing.T) {
	// The most that the process itself held: what wait tells includes its parent's memory from before exec.
	run := func(raw []byte) (kB int64) {
		cmd := exec.Command(options(t).PDF[0], readPDF)
		cmd.Env = []string{"GOMAXPROCS=1"}
		cmd.Stdin = bytes.NewReader(raw)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		done := make(chan struct{})
		go func() {
			cmd.Wait() // that it fails is seen by TestBombs
			close(done)
		}()
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return kB
			case <-tick.C:
				status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", cmd.Process.Pid))
				if _, after, ok := strings.Cut(string(status), "VmHWM:"); ok {
					var n int64
					fmt.Sscan(after, &n)
					kB = max(kB, n)
				}
			}
		}
	}
	base := run(pdfPage("<</Length 40>>\nstream\nBT /F 12 Tf 1 0 0 1 72 700 Tm (Hello) Tj ET\nendstream"))
	for _, b := range bombs() {
		if !strings.HasSuffix(b.name, ".pdf") {
			continue
		}
		raw := b.make(t)
		took, limit := run(raw)-base, int64(3*len(raw)>>10+32<<10)
		t.Logf("%s: %d kB took %d kB", b.name, len(raw)>>10, took)
		if took > limit {
			t.Errorf("%s took %d kB of %d kB", b.name, took, limit)
		}
	}
}
