package inbox

import (
	"bytes"
	"context"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"
)

// containerBombs are mails whose containers are built to hurt.
func containerBombs() map[string]func() []byte {
	smime := func(cms []byte) []byte {
		return []byte("From: Mallory <mallory@elsewhere.example.com>\nContent-Type: application/pkcs7-mime; name=smime.p7m\nContent-Transfer-Encoding: base64\n\n" + encode(cms))
	}
	calendar := func(body string) []byte {
		return []byte("From: Mallory <mallory@elsewhere.example.com>\nContent-Type: text/calendar; method=REPLY\n\nBEGIN:VCALENDAR\nMETHOD:REPLY\nBEGIN:VEVENT\nUID:1\n" + body)
	}
	attributes := func() *tnefWriter {
		attributes := newTNEF()
		for range 1_000_000 {
			attributes.Write([]byte{1, 0x0c, 0x80, 2, 0, 0, 0, 0, 0, 0, 0})
		}
		return attributes
	}
	renderings := func() *tnefWriter {
		renderings := newTNEF()
		for range 500_000 {
			renderings.Write([]byte{2, 2, 0x90, 6, 0, 1, 0, 0, 0, 1, 1, 0})
		}
		return renderings
	}
	values := props(slices.Repeat([]prop{{id: propBody, kind: 0x1f, value: bytes.Repeat([]byte("x\x00"), 50_000)}}, 100)...)
	nested := func() []byte {
		nested := newTNEF().file("a", "b").Bytes()
		for range 40 {
			nested = newTNEF().file("", "", prop{id: propAttachData, kind: 0x0d, value: append([]byte(iidMessage), nested...)}, str(propAttachLongName, strings.Repeat("n", 50_000))).Bytes()
		}
		return nested
	}
	rtf := append(append(number(6<<20), number(-1)...), "LZFu\x00\x00\x00\x00"...)
	rtf = append(rtf, bytes.Repeat([]byte{0xff, 0, 0x0f, 0, 0x0f, 0, 0x0f, 0, 0x0f, 0, 0x0f, 0, 0x0f, 0, 0x0f, 0, 0x0f}, 6<<20/17)...)
	lzfu := newTNEF().attribute(1, attMAPIProps|0x60000, props(prop{id: propRTFCompressed, kind: 0x102, value: rtf}))
	groups := newTNEF().attribute(1, attMAPIProps|0x60000, props(prop{id: propRTFCompressed, kind: 0x102, value: slices.Concat(number(0), number(2<<20), []byte("MELA\x00\x00\x00\x00{\\rtf1\\fromhtml1"), bytes.Repeat([]byte("{\\*\\htmltag{"), 150_000))}))
	many := func() *tnefWriter {
		many := newTNEF()
		for range 900 {
			many.file("", "", prop{id: propAttachData, kind: 0x0d, value: append([]byte(iidMessage), newTNEF().attribute(1, attMAPIProps|0x60000, props(prop{id: propRTFCompressed, kind: 0x102, value: rtf[:20_000]})).Bytes()...)})
		}
		return many
	}
	zlibBomb := func() []byte {
		return cms(oidCompressed, tlv(0x30, false, oidZlib), false, tlv(0x04, false, deflate(strings.Repeat("\x00", 100<<20))))
	}
	html := "Content-Type: text/html\n\n" + strings.Repeat("<div>x", 2<<20)
	inner := "Content-Type: text/plain\n\n" + strings.Repeat("All work and no play.\n", 400_000)
	opaque := func() string {
		opaque := inner
		for range 4 {
			opaque = "Content-Type: application/pkcs7-mime\nContent-Transfer-Encoding: base64\n\n" + encode(signed(true, tlv(0x04, false, opaque)))
		}
		return opaque
	}
	siblings := func() []byte {
		var siblings strings.Builder
		siblings.WriteString("Content-Type: multipart/mixed; boundary=b\n\n")
		one := encode(compressedData(strings.Repeat("y", 4<<20)))
		for range 400 {
			siblings.WriteString("--b\nContent-Type: application/pkcs7-mime\nContent-Transfer-Encoding: base64\n\n" + one)
		}
		return []byte(siblings.String())
	}
	emls := func() []byte {
		var emls strings.Builder
		emls.WriteString("Content-Type: multipart/mixed; boundary=b\n\n")
		parts := "From: a@b.example\nSubject: x\nContent-Type: multipart/mixed; boundary=c\n\n" + strings.Repeat("--c\n\nx\n", 990)
		for range 900 {
			emls.WriteString("--b\nContent-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n" + encode([]byte(parts)))
		}
		return []byte(emls.String())
	}
	images := "Content-Type: multipart/related; boundary=b\n\n--b\nContent-Type: text/html\n\n" + strings.Repeat("<img src=cid:x>", 100_000) + strings.Repeat("\n--b\nContent-Type: image/png\nContent-ID: <y>\nContent-Disposition: attachment\n\nx", 900)
	return map[string]func() []byte{
		"TNEF of a million attributes": func() []byte { return winmail("", attributes().Bytes()) },
		"TNEF of 500,000 attachments":  func() []byte { return winmail("", renderings().Bytes()) },
		"TNEF of long values":          func() []byte { return winmail("", newTNEF().attribute(1, attMAPIProps|0x60000, values).Bytes()) },
		"TNEF in TNEF":                 func() []byte { return winmail("", nested()) },
		"TNEF of 900 messages":         func() []byte { return winmail("", many().Bytes()) },
		"LZFu of 4 GB":                 func() []byte { return winmail("", lzfu.Bytes()) },
		"RTF groups":                   func() []byte { return winmail("", groups.Bytes()) },
		"BER nested": func() []byte {
			return smime(slices.Concat(bytes.Repeat([]byte{0x30, 0x80}, 100_000), bytes.Repeat([]byte{0, 0}, 100_000)))
		},
		"BER octets nested":            func() []byte { return smime(signed(true, strings.Repeat("\x24\x80", 2_000_000))) },
		"BER algorithms nested":        func() []byte { return smime(cms(oidSigned, strings.Repeat("\x31\x80", 2_000_000), true, "")) },
		"BER of small pieces":          func() []byte { return smime(signed(true, tlv(0x24, true, strings.Repeat("\x04\x01x", 2_000_000)))) },
		"zlib":                         func() []byte { return smime(zlibBomb()) },
		"zlib by the hundred":          func() []byte { return siblings() },
		"opaque in opaque":             func() []byte { return []byte(opaque()) },
		"HTML in opaque":               func() []byte { return smime(signed(false, tlv(0x04, false, html))) },
		"messages of a thousand parts": func() []byte { return emls() },
		"calendar folded":              func() []byte { return calendar("COMMENT:" + strings.Repeat("a\n ", 5<<20/3)) },
		"calendar parameters":          func() []byte { return calendar("ATTENDEE" + strings.Repeat(";A=\"b\"", 5<<20/6) + ":x") },
		"calendar attendees": func() []byte {
			return calendar(strings.Repeat("ATTENDEE;PARTSTAT=ACCEPTED:mailto:a@b.example\n", 100_000))
		},
		"calendar nested":             func() []byte { return calendar(strings.Repeat("BEGIN:VEVENT\n", 400_000)) },
		"pictures that are not shown": func() []byte { return []byte(images) },
		"armor": func() []byte {
			return []byte("Subject: x\n\n" + strings.Repeat("-----BEGIN PGP SIGNED MESSAGE-----\n", 15_000))
		},
		"armor of messages": func() []byte {
			return []byte("Subject: x\n\n" + strings.Repeat("-----BEGIN PGP MESSAGE-----\nx\n", 10_000))
		},
		"escapes": func() []byte {
			return []byte("Content-Type: text/plain; charset=iso-2022-jp\n\n" + strings.Repeat("\x1b$B\x1b(I\x1b.A\x1bN1\x0e", 150_000))
		},
		"UTF-7": func() []byte {
			return []byte("Content-Type: text/plain; charset=utf-7\n\n" + strings.Repeat("+", 1<<20) + strings.Repeat("+A", 500_000))
		},
		"HZ": func() []byte { return []byte("Subject: x\n\n" + strings.Repeat("~{", 1<<20)) },
		"encoded words of unknown kind": func() []byte {
			return []byte("Subject: " + strings.Repeat("=?x?q?\xe9", 14_000) + "\nTo: " + strings.Repeat("=?x?q?\xe9?= <a@b.example>, ", 4_000) + "\n\nx")
		},
		"rewritten links": func() []byte {
			return []byte("Subject: x\n\n" + strings.Repeat("https://www.google.com/url?q=", 60_000))
		},
		"files named in percent": func() []byte {
			return []byte("Content-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--b\nContent-Disposition: attachment; filename=\""+strings.Repeat("%C3%A9", 600)+"\"\n\nx\n", 900))
		},
		"base64 without end as signed": func() []byte { return smime(bytes.Repeat([]byte{0x24}, 6<<20)) },
		"S/MIME by the hundred, no bytes": func() []byte {
			return []byte("Content-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--b\nContent-Type: application/pkcs7-mime\n\nMIIx\n", 990))
		},
	}
}

// TestContainerBombs: a mail takes at most three times its size and 32 MB of memory. What it takes of CPU, BenchmarkContainerBombs
// shows.
func TestContainerBombs(t *testing.T) {
	for name, bomb := range containerBombs() {
		t.Run(name, func(t *testing.T) {
			raw := bomb()
			defer debug.SetGCPercent(debug.SetGCPercent(50))
			runtime.GC()
			peak, stop := watchHeap()
			m, err := Read(context.Background(), bytes.NewReader(raw), int64(len(raw)), Options{})
			stop()
			if err != nil {
				t.Fatal(err)
			}
			if m.Kind == "" {
				t.Error("no kind")
			}
			t.Logf("%d kB: %d kB of memory, held %q, %d attached", len(raw)>>10, peak()>>10, m.Held, len(m.Attachments))
			if limit := uint64(3*len(raw) + 32<<20); peak() > limit {
				t.Errorf("it took %d MB, the limit is %d", peak()>>20, limit>>20)
			}
		})
	}
}

func BenchmarkContainerBombs(b *testing.B) {
	for name, bomb := range containerBombs() {
		raw := bomb()
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := Read(b.Context(), bytes.NewReader(raw), int64(len(raw)), Options{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// watchHeap samples how much the heap grows.
func watchHeap() (peak func() uint64, stop func()) {
	var before, now runtime.MemStats
	runtime.ReadMemStats(&before)
	most := uint64(0)
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(2 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				runtime.ReadMemStats(&now)
				if now.HeapInuse > before.HeapInuse {
					most = max(most, now.HeapInuse-before.HeapInuse)
				}
			}
		}
	}()
	return func() uint64 { return most }, func() { close(done); <-ended }
}
