package outbox_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"handoff/internal/clock"
	"handoff/outbox"
	"handoff/templates"
)

// drawer are the files of one entry, by number; a nil one is gone.
type drawer [][]byte

func (d drawer) OpenFile(_ context.Context, entry int64, number int) (io.ReadCloser, error) {
	if entry != 7 || d[number] == nil {
		return nil, errors.New("no such file")
	}
	return io.NopCloser(bytes.NewReader(d[number])), nil
}

// The images of a share kit go with it as what they are; one that is gone, too large or something else stays out, and the mail
// says so.
func TestImagesAreEnclosed(t *testing.T) {
	png, jpeg := []byte("\x89PNG\r\n\x1a\npicture"), []byte("\xff\xd8\xff\xe0picture")
	files := drawer{png, nil, jpeg, []byte("<script>alert(1)</script>"), append(bytes.Clone(png), make([]byte, outbox.MaxFileBytes)...)}
	kit := templates.Sample("published").(templates.Published)
	kit.Images = []templates.Attachment{
		{Name: "hero.png", Size: 15, Entry: 7}, {Name: "gone.png", Size: 15, Entry: 7, Number: 1}, {Name: "photo.png.html", Size: 11, Entry: 7, Number: 2},
		{Name: "script.png", Size: 25, Entry: 7, Number: 3}, {Name: "huge.png", Size: 1, Entry: 7, Number: 4}, {Name: "film.tif", Size: 1, Note: "a format that not every program shows", Entry: 7},
	}
	for name, refuse := range map[string]bool{"taken": false, "a server that takes no large mail": true} {
		t.Run(name, func(t *testing.T) {
			q, now := &shelf{}, clock.NewFake(start)
			n, err := composer(t).Compose(kit, team()[1], outbox.About{Key: "kit"})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := q.Enqueue(t.Context(), []outbox.Notice{n}); err != nil {
				t.Fatal(err)
			}
			out := &postman{outcome: func(m outbox.Mail) error {
				if refuse && len(m.Files) > 0 {
					return &outbox.SendError{Code: 552, Permanent: true, Err: errors.New("message size exceeds fixed limit")}
				}
				return nil
			}}
			var log bytes.Buffer
			d := dispatcher(t, q, out, now)
			d.Files, d.Log = files, slog.New(slog.NewTextHandler(&log, nil))
			if sent, err := d.Poll(t.Context()); sent != 1 || err != nil {
				t.Fatal(sent, err)
			}
			var got []string
			for _, f := range out.mails[0].Files {
				got = append(got, f.Name+" "+f.Type)
			}
			if diff := cmp.Diff([]string{"hero.png image/png", "photo.png.html.jpg image/jpeg"}, got); diff != "" {
				t.Error(diff)
			}
			text := strings.Join(strings.Fields(out.mails[0].Content.Text), " ")
			for _, line := range []string{"hero.png (15 bytes), attached", "gone.png (15 bytes), not attached: its file cannot be opened any more", "script.png (25 bytes), not attached: it is no picture"} {
				if !strings.Contains(text, line) {
					t.Errorf("it does not say %q:\n%s", line, out.mails[0].Content.Text)
				}
			}
			if n := strings.Count(log.String(), "goes out without one of its files"); n != 3 {
				t.Errorf("the log tells of %d:\n%s", n, log.String())
			}
			if last := out.mails[len(out.mails)-1]; refuse && (len(last.Files) > 0 || !strings.Contains(last.Content.Text, "hero.png (15 bytes), not attached")) {
				t.Errorf("it goes with %d images and says\n%s", len(last.Files), last.Content.Text)
			}
		})
	}
}

// cabinet are files by their number in entry 7.
type cabinet map[int]string

func (c cabinet) OpenFile(_ context.Context, _ int64, number int) (io.ReadCloser, error) {
	return io.NopCloser(strings.NewReader(c[number])), nil
}

// A draft goes with the mail: its documents as what they are by name, a text in the mail itself or, too long for that, as a file.
func TestDraftsAreEnclosed(t *testing.T) {
	word := "PK\x03\x04 a document"
	long := strings.Repeat("One more line of the text.\n", 1000)
	for name, c := range map[string]struct {
		files   cabinet
		want    []string
		says    []string
		saysNot string
	}{
		"documents": {
			cabinet{0: word, 1: "# Text", 2: "MZ", 3: strings.Repeat("x", outbox.MaxFileBytes)},
			[]string{"0.docx application/vnd.openxmlformats-officedocument.wordprocessingml.document", "1.md text/plain; charset=utf-8", "2.bin application/octet-stream"},
			[]string{"0.docx (15 bytes), attached", "3.pdf (7.3 MB), not attached: too large for a mail; answer this one if you need it", "Version 2, from Anna Berg"}, "",
		},
		"a text":       {cabinet{templates.MailText: "Dear reader,\n\n> begin\n"}, nil, []string{"> Dear reader,", "> > begin"}, "ACME-12 version 2.txt"},
		"a long text":  {cabinet{templates.MailText: long}, []string{"ACME-12 version 2.txt text/plain; charset=utf-8"}, []string{"ACME-12 version 2.txt (27 kB), attached"}, "One more line"},
		"an empty one": {cabinet{templates.MailText: ""}, nil, nil, "version 2.txt"},
		"many": {
			cabinet{0: word, 1: word, 2: word, 4: word, 5: word, 6: word, 7: word, 8: word, 9: word, 10: word, 11: word}, []string{"10"},
			[]string{"11.bin (15 bytes), not attached: no more files fit into a mail; answer this one if you need it"}, "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := templates.Sample("step_opened").(templates.StepOpened)
			d.Drafts = []templates.Draft{{Version: 2, Sender: templates.Person{Name: "Anna Berg"}}}
			for _, i := range slices.Sorted(maps.Keys(c.files)) {
				a := templates.Attachment{Name: fmt.Sprintf("%d%s", i, map[int]string{0: ".docx", 1: ".md", 3: ".pdf"}[i]), Size: int64(len(c.files[i])), Entry: 7, Number: i}
				switch {
				case i == templates.MailText:
					a.Name = "ACME-12 version 2.txt"
				case a.Name == strconv.Itoa(i):
					a.Name += ".bin"
				}
				d.Drafts[0].Files = append(d.Drafts[0].Files, a)
			}
			q, now := &shelf{}, clock.NewFake(start)
			n, err := composer(t).Compose(d, team()[1], outbox.About{Key: "step"})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := q.Enqueue(t.Context(), []outbox.Notice{n}); err != nil {
				t.Fatal(err)
			}
			out := &postman{}
			sender := dispatcher(t, q, out, now)
			sender.Files = c.files
			if sent, err := sender.Poll(t.Context()); sent != 1 || err != nil {
				t.Fatal(sent, err)
			}
			var got []string
			for _, f := range out.mails[0].Files {
				got = append(got, f.Name+" "+f.Type)
			}
			if name == "many" {
				got = []string{strconv.Itoa(len(got))}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
			text := strings.Join(strings.Fields(out.mails[0].Content.Text), " ")
			for _, line := range c.says {
				if !strings.Contains(text, line) {
					t.Errorf("it does not say %q:\n%s", line, out.mails[0].Content.Text)
				}
			}
			if c.saysNot != "" && strings.Contains(text, c.saysNot) {
				t.Errorf("it says %q:\n%s", c.saysNot, out.mails[0].Content.Text)
			}
		})
	}
}

// reluctant takes ten minutes for a mail with files, and does not take it then.
type reluctant struct {
	postman
	now  *clock.Fake
	left []time.Duration // that each sending may take
}

func (r *reluctant) Send(ctx context.Context, m outbox.Mail) error {
	deadline, _ := ctx.Deadline()
	r.left = append(r.left, time.Until(deadline))
	if len(m.Files) > 0 {
		r.now.Advance(10 * time.Minute)
		return &outbox.SendError{Code: 552, Permanent: true, Err: errors.New("message size exceeds fixed limit")}
	}
	return r.postman.Send(ctx, m)
}

// A mail that goes out once more without its images keeps to the lease of the first try: else another Dispatcher sends it, too.
func TestSecondTryKeepsToTheLease(t *testing.T) {
	kit := templates.Sample("published").(templates.Published)
	kit.Images = []templates.Attachment{{Name: "hero.png", Size: 15, Entry: 7}}
	n, err := composer(t).Compose(kit, team()[1], outbox.About{Key: "kit"})
	if err != nil {
		t.Fatal(err)
	}
	q, now := &shelf{}, clock.NewFake(start)
	if _, err := q.Enqueue(t.Context(), []outbox.Notice{n}); err != nil {
		t.Fatal(err)
	}
	out := &reluctant{now: now}
	d := dispatcher(t, q, &out.postman, now)
	d.Sender, d.Files, d.Lease = out, drawer{[]byte("\x89PNG\r\n\x1a\npicture")}, 15*time.Minute
	if sent, err := d.Poll(t.Context()); sent != 1 || err != nil {
		t.Fatal(sent, err)
	}
	if len(out.left) != 2 || out.left[0] > 15*time.Minute || out.left[1] > 5*time.Minute {
		t.Errorf("the tries may take %v", out.left)
	}
}
