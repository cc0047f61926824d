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

	"handoff/templates"
)

// Bounds on the images of a share kit. In base64 they stay below what common servers take, 10 MB.
const (
	MaxImages     = 10
	MaxImageBytes = 5 << 20 // all together
)

// imageTypes are the ones that are attached, each with its file names' endings: what every mail program shows and no program
// runs. The first ending is given to a file that has none of them.
func imageTypes() map[string][]string {
	return map[string][]string{
		"image/jpeg": {".jpg", ".jpeg", ".jpe", ".jfif"}, "image/png": {".png"}, "image/gif": {".gif"}, "image/webp": {".webp"},
	}
}

// ImageType tells whether an image of that type can go with a mail.
func ImageType(mediaType string) bool { return imageTypes()[mediaType] != nil }

// Files opens what was filed with a piece's entries.
type Files interface {
	// OpenFile reads a file, counted from 0, of an entry from the mail that it came in.
	OpenFile(ctx context.Context, entry int64, number int) (io.ReadCloser, error)
}

// File is one that goes with a mail.
type File struct {
	Name    string
	Type    string
	Content []byte
}

// enclose reads the images of a share kit, at most room bytes, none for 0. One that cannot be had any more is named with the reason, and the mail goes without.
func (p *pass) enclose(ctx context.Context, n Notice, d templates.Published, room int) (templates.Published, []File, error) {
	var files []File
	left := room
	d.Images = slices.Clone(d.Images)
	for i := range d.Images {
		image := &d.Images[i]
		if image.Note != "" {
			continue
		}
		if room == 0 {
			image.Note = "too large for a mail"
			continue
		}
		f, err := p.image(ctx, *image, left)
		switch {
		case ctx.Err() != nil:
			return d, nil, ctx.Err()
		case err == nil && len(files) < MaxImages:
			left -= len(f.Content)
			files = append(files, f)
			continue
		case err == nil:
			err = fmt.Errorf("a mail takes %d", MaxImages)
		}
		image.Note = "its file cannot be opened any more"
		if errors.Is(err, errNoImage) {
			image.Note = "it is no picture"
		}
		p.Log.Warn("a share kit goes out without one of its images", p.about(n, "image", image.Name, "error", err)...)
	}
	return d, files, nil
}

var (
	errNoFiles = errors.New("no files can be opened here")
	errNoImage = errors.New("it is no image that is sent on")
)

// image reads one of at most limit bytes, and tells by its first bytes that it is one.
func (p *pass) image(ctx context.Context, image templates.Image, limit int) (File, error) {
	if p.Files == nil {
		return File{}, errNoFiles
	}
	r, err := p.Files.OpenFile(ctx, image.Entry, image.Number)
	if err != nil {
		return File{}, err
	}
	defer r.Close()
	content, err := io.ReadAll(io.LimitReader(r, int64(limit)+1))
	if err != nil {
		return File{}, fmt.Errorf("read it: %w", err)
	}
	if len(content) > limit {
		return File{}, fmt.Errorf("it has more than the %d bytes that are left in the mail", limit)
	}
	f := File{Name: image.Name, Type: http.DetectContentType(content), Content: content}
	endings := imageTypes()[f.Type]
	if endings == nil {
		return File{}, fmt.Errorf("%w, but %s", errNoImage, f.Type)
	}
	if !slices.Contains(endings, strings.ToLower(path.Ext(f.Name))) {
		f.Name += endings[0]
	}
	return f, nil
}

// tooLarge tells that a server takes no mail of that size (RFC 1870, section 6.1).
func tooLarge(err error) bool {
	var fault *SendError
	return errors.As(err, &fault) && fault.Code == 552
}
