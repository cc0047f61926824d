package proxy

import (
	"fmt"
	"slices"
	"strings"

	"handoff/outbox"
	"handoff/templates"
	"handoff/workflow"
)

// maxNamedImages is how many images a share kit names.
const maxNamedImages = 20

// Images are the piece's pictures for its share kit: those of the last entry that was filed for the graphics and has some, else
// of the last version that has. What cannot be attached is named with where it is; editor has it.
func Images(p workflow.Piece, editor workflow.Person, entries []Entry) []templates.Attachment {
	var last, graphics []templates.Attachment
	for _, e := range slices.Backward(entries) {
		if e.Kind != Submission {
			continue
		}
		images := e.images(orElse(outbox.PersonData(editor).Name, "your editor"))
		if len(images) > 0 && e.forDesign(p) {
			graphics = images
			break
		}
		if len(last) == 0 {
			last = images
		}
	}
	if len(graphics) > 0 {
		return graphics
	}
	return last
}

// images are those that the entry brought, as many as fit into a mail without a note.
func (e Entry) images(keeper string) []templates.Attachment {
	var all []templates.Attachment
	fitting, left := outbox.MaxFiles, int64(outbox.MaxFileBytes)
	for i, f := range e.Files {
		mediaType := imageType(f)
		if mediaType == "" || len(all) == maxNamedImages {
			continue
		}
		image := templates.Attachment{Name: f.Name, Size: f.Size, Entry: e.ID, Number: i}
		switch {
		case !outbox.ImageType(mediaType):
			image.Note = "a format that not every program shows"
		case f.Size > left:
			image.Note = "too large for a mail"
		case fitting == 0:
			image.Note = fmt.Sprintf("a mail takes %d images", outbox.MaxFiles)
		default:
			fitting, left = fitting-1, left-f.Size
		}
		if image.Note != "" {
			image.Note += fmt.Sprintf("; %s has it, filed as version %d", keeper, e.Version)
		}
		all = append(all, image)
	}
	return all
}

// imageType is the type of a picture by what its mail says of it, "" for any other file. What it is in truth is told when it is
// opened.
func imageType(f EntryFile) string {
	switch extension(f.Name) {
	case "jpg", "jpeg":
		return "image/jpeg"
	case "png", "gif", "webp":
		return "image/" + extension(f.Name)
	}
	if strings.HasPrefix(f.Type, "image/") {
		return f.Type
	}
	return ""
}
