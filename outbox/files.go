package outbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"handoff/templates"
)

// Bounds on the files of one mail. In base64 they stay below what common servers take, 10 MB.
const (
	MaxFiles     = 10
	MaxFileBytes = 7 << 20 // all together

	maxInline = 16 << 10 // bytes of a text that stands in the mail; a longer one is attached
)

// imageTypes are the ones that a share kit brings, each with its file names' endings: what every mail program shows and no program
// runs. The first ending is given to a file that has none of them.
func imageTypes() map[string][]string {
	return map[string][]string{
		"image/jpeg": {".jpg", ".jpeg", ".jpe", ".jfif"}, "image/png": {".png"}, "image/gif": {".gif"}, "image/webp": {".webp"},
	}
}

// ImageType tells whether an image of that type can go with a share kit.
func ImageType(mediaType string) bool { return imageTypes()[mediaType] != nil }

// documentType is the type of a draft by its name, "" for one that its reader's computer has to make out.
func documentType(name string) string {
	switch strings.ToLower(path.Ext(name)) {
	case ".docx":
		return "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
	case ".xlsx":
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	case ".pptx":
		return "application/vnd.openxmlformats-officedocument.presentationml.presentation"
	case ".odt":
		return "application/vnd.oasis.opendocument.text"
	case ".ods":
		return "application/vnd.oasis.opendocument.spreadsheet"
	case ".odp":
		return "application/vnd.oasis.opendocument.presentation"
	case ".doc":
		return "application/msword"
	case ".rtf":
		return "application/rtf"
	case ".pdf":
		return "application/pdf"
	case ".zip":
		return "application/zip"
	case ".txt", ".md", ".markdown":
		return "text/plain"
	}
	return ""
}

// Files opens what was filed with a piece's entries.
type Files interface {
	// OpenFile reads a file, counted from 0, of an entry from the mail that it came in; templates.MailText is what its author
	// wrote in the mail, as UTF-8.
	OpenFile(ctx context.Context, entry int64, number int) (io.ReadCloser, error)
}

// File is one that goes with a mail.
type File struct {
	Name    string
	Type    string
	Content []byte
}

// enclose reads what goes with a mail, files of at most room bytes. One that cannot be had is named with the reason, and the mail
// goes without. The text of a mail stands in this one, unless it is long.
func (p *pass) enclose(ctx context.Context, n Notice, d templates.Data, room int) (templates.Data, []File, error) {
	var files []File
	left := room
	d = templates.Enclose(d, func(draft *templates.Draft, a *templates.Attachment) bool {
		if a.Note != "" || ctx.Err() != nil {
			return true
		}
		limit := left
		if a.Number == templates.MailText {
			limit = max(left, maxInline)
		}
		f, err := p.open(ctx, *a, limit, draft == nil)
		switch {
		case err == nil && a.Number == templates.MailText && len(f.Content) <= maxInline:
			draft.Text = string(f.Content)
			return false
		case err == nil && len(files) == MaxFiles:
			err = errMany
		case err == nil:
			left -= len(f.Content)
			a.Size = int64(len(f.Content))
			files = append(files, f)
			return true
		}
		if a.Note = noteOf(err, draft == nil); room == 0 {
			return true // it is told why
		}
		p.Log.Warn("a mail goes out without one of its files", p.about(n, "file", a.Name, "error", err)...)
		return true
	})
	return d, files, ctx.Err()
}

var (
	errNoFiles = errors.New("no files can be opened here")
	errNoImage = errors.New("it is no image that is sent on")
	errLarge   = errors.New("it has more bytes than are left in the mail")
	errMany    = fmt.Errorf("a mail takes %d files", MaxFiles)
)

// noteOf is why a file is not attached, for the reader of the mail.
func noteOf(err error, image bool) string {
	switch {
	case errors.Is(err, errNoImage):
		return "it is no picture"
	case errors.Is(err, errLarge) && image:
		return "too large for a mail"
	case errors.Is(err, errLarge):
		return "too large for a mail; answer this one if you need it"
	case errors.Is(err, errMany) && image:
		return fmt.Sprintf("a mail takes %d images", MaxFiles)
	case errors.Is(err, errMany):
		return "no more files fit into a mail; answer this one if you need it"
	}
	return "its file cannot be opened any more"
}

// open reads one of at most limit bytes, and tells by its first bytes what it is.
func (p *pass) open(ctx context.Context, a templates.Attachment, limit int, image bool) (File, error) {
	switch {
	case p.Files == nil:
		return File{}, errNoFiles
	case limit == 0 || a.Size > int64(limit): // large ones are not even looked for
		return File{}, errLarge
	}
	r, err := p.Files.OpenFile(ctx, a.Entry, a.Number)
	if err != nil {
		return File{}, err
	}
	defer r.Close()
	content, err := io.ReadAll(io.LimitReader(r, int64(limit)+1))
	if err != nil {
		return File{}, fmt.Errorf("read it: %w", err)
	}
	if len(content) > limit {
		return File{}, errLarge
	}
	f := File{Name: a.Name, Type: http.DetectContentType(content), Content: content}
	endings := imageTypes()[f.Type]
	switch {
	case image && endings == nil:
		return File{}, fmt.Errorf("%w, but %s", errNoImage, f.Type)
	case image && !slices.Contains(endings, strings.ToLower(path.Ext(f.Name))):
		f.Name += endings[0]
	case endings == nil:
		f.Type = or(documentType(f.Name), "application/octet-stream")
	}
	if f.Type == "text/plain" {
		if f.Type = "application/octet-stream"; utf8.Valid(content) {
			f.Type = "text/plain; charset=utf-8"
		}
	}
	return f, nil
}

// tooLarge tells that a server takes no mail of that size (RFC 1870, section 6.1).
func tooLarge(err error) bool {
	var fault *SendError
	return errors.As(err, &fault) && fault.Code == 552
}
