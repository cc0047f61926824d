package blob

import (
	"context"
	"crypto/rand"
	"testing"
)

// BenchmarkBatch stores 64 mails of 4.5 kB and makes their names durable.
func BenchmarkBatch(b *testing.B) {
	d := open(b, b.TempDir())
	content := make([]byte, 4500)
	for b.Loop() {
		ids := make([]ID, 64)
		for i := range ids {
			rand.Read(content[:32])
			w, err := d.Create(context.Background())
			if err != nil {
				b.Fatal(err)
			}
			w.Write(content)
			if ids[i], err = w.Commit(); err != nil {
				b.Fatal(err)
			}
			w.Close()
		}
		if err := d.Sync(context.Background(), ids...); err != nil {
			b.Fatal(err)
		}
	}
}
