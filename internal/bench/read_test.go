package main

import (
	"bytes"
	"testing"

	"handoff/inbox"
)

// BenchmarkRead reads one mail of each shape from memory.
func BenchmarkRead(b *testing.B) {
	for name, shape := range map[string]Shape{"plain": PlainReply, "docx": WithDocx, "large": WithLarge} {
		c := testCorpus(10)
		c.Every = shape
		raw := c.Append(nil, 0)
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(raw)))
			b.ReportAllocs()
			for b.Loop() {
				m, err := inbox.Read(b.Context(), bytes.NewReader(raw), int64(len(raw)), inbox.Options{AuthservIDs: []string{authservID}})
				if err != nil || m.Held != "" {
					b.Fatal(err, m.Held)
				}
			}
		})
	}
}
