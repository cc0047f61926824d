package inbox

import (
	"bytes"
	"crypto/sha256"
	"testing"

	"pgregory.net/rapid"
)

func sumOf(parts ...[]byte) []byte {
	s := newBodySum()
	for _, p := range parts {
		s.Write(p)
	}
	return s.Sum()
}

func TestBodySum(t *testing.T) {
	small := bytes.Repeat([]byte("words "), 1000)
	if want := sha256.Sum256(small); !bytes.Equal(sumOf(small), want[:]) {
		t.Error("a small body's sum is not its SHA-256")
	}
	rapid.Check(t, func(t *rapid.T) {
		body := bytes.Repeat([]byte{rapid.Byte().Draw(t, "fill")}, rapid.IntRange(1, 3*bodySumHead).Draw(t, "size"))
		sum := sumOf(body)
		cut := rapid.IntRange(0, len(body)).Draw(t, "cut")
		if !bytes.Equal(sum, sumOf(body[:cut], body[cut:])) {
			t.Fatal("the sum depends on how the body is cut")
		}
		at := rapid.IntRange(0, len(body)-1).Draw(t, "at")
		body[at] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		if bytes.Equal(sum, sumOf(body)) {
			t.Fatal("a changed bit goes unnoticed")
		}
		if bytes.Equal(sumOf(body), sumOf(body[:len(body)-1])) {
			t.Fatal("a lost byte goes unnoticed")
		}
	})
}
