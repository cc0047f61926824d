package proxy

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"handoff/inbox"
	"handoff/inbox/draft"
	"handoff/templates"
	"handoff/workflow"
)

const (
	defaultDraftWords = 120
	smallInline       = 20_000 // bytes; a smaller picture inside the text is a logo, not content
	maxFiles          = 100
)

// content tells what the mail hands in: a submission is a draft-like file, a link to a document, or, on a step
// that waits for the author, a text of some length. Anything else is a comment.
func (d *Decider) content(ctx context.Context, look Lookups, r *ruling) error {
	drafts, links, more := 0, 0, 0
	step, _ := r.piece.OpenStep()
	stage := step.Stage
	if designed(r.piece, r.author.ID) {
		stage = workflow.Design // other pictures are late ones, and no remark
	}
	for _, a := range r.msg.Attachments {
		switch {
		case !content(a):
		case len(r.files)+len(r.skipped) >= maxFiles:
			more++
		case a.Refused != "":
			r.skipped = append(r.skipped, templates.File{Name: a.Name, Size: a.Size, Note: a.Refused})
		default:
			r.files = append(r.files, fileOf(a))
			if draftLike(a, stage) {
				drafts++
			}
		}
	}
	for _, l := range r.msg.Links {
		if l.Type != inbox.WebLink {
			links++
		}
	}
	if more > 0 {
		r.skipped = append(r.skipped, templates.File{Name: plural(more, "further file", "further files"), Note: fmt.Sprintf("one mail can bring %d", maxFiles)})
	}
	threshold := d.DraftWords
	if threshold == 0 {
		threshold = defaultDraftWords
	}
	n := draft.Words(r.written(), threshold)
	waits := workflow.Can(r.author, workflow.Submit, r.piece)
	again := false
	if n >= threshold && !waits && !r.former {
		var err error
		if again, err = textAgain(ctx, look, r); err != nil {
			return err
		}
	}
	r.Entry = Comment
	switch {
	case r.former:
		r.note("content", string(r.Entry), "who has no part in the piece hands nothing in")
	case drafts+links > 0 && r.peer(step), waits && n >= threshold && r.peer(step):
		r.note("content", string(r.Entry), "%s reviews the piece: what comes with it is remarks, and no version of the text", r.author.Name)
	case drafts > 0:
		r.Entry = Submission
		r.note("content", string(r.Entry), "%s", plural(drafts, "file that can be a draft", "files that can be a draft"))
	case links > 0:
		r.Entry = Submission
		r.note("content", string(r.Entry), "%s", plural(links, "link to a document", "links to documents"))
	case waits && n >= threshold:
		r.Entry = Submission
		r.note("content", string(r.Entry), "a text of %d words or more, and the %s waits for it", threshold, step.Stage.Label())
	case again:
		r.Entry = Submission
		r.note("content", string(r.Entry), "most of it is the text that %s sent before: a late version", r.author.Name)
	case waits && r.writesDemo(step):
		r.Entry = Submission
		r.note("content", string(r.Entry), "a text on the draft of a demo piece, for which a few sentences do")
	default:
		r.note("content", string(r.Entry), "no draft, no link to a document, less than %d words of text that somebody waits for", threshold)
	}
	for _, s := range r.skipped {
		r.note("content", "skipped", "%s: %s", clip(s.Name, maxSubject), s.Note)
	}
	return nil
}

// peer tells whether the mail is a reviewer's: of who has no other part in the piece, or owes a review and neither wrote nor edits it.
func (r *ruling) peer(open workflow.Step) bool {
	asked := slices.ContainsFunc(r.piece.Steps, func(s workflow.Step) bool {
		return slices.ContainsFunc(s.Reviewers, func(v workflow.Reviewer) bool { return v.PersonID == r.author.ID })
	})
	owes := reviews(open, r.author.ID) && r.author.ID != r.piece.AuthorID && r.author.ID != r.piece.EditorID
	return asked && (owes || !works(r.piece, r.author.ID))
}

// demoWords is how many make a demo piece's draft; fewer are an answer like “I begin on Monday”. Behind a DONE any do.
const demoWords = 10

// writesDemo tells whether the mail's words are the draft of a demo piece, of which a few sentences are asked: no question, no
// command but DONE, and no answer to a mail that is about something else.
func (r *ruling) writesDemo(step workflow.Step) bool {
	if !r.piece.Demo || step.Stage != workflow.Draft || r.question() || r.match == MatchSingle && isReply(r.msg) {
		return false
	}
	switch in := r.msg.Intent; {
	case in == nil:
		return inbox.Remarks(r.text()) && draft.Words(r.text(), demoWords) >= demoWords
	case in.Command == inbox.Done && in.Via == "word":
		return inbox.Remarks(reasonOf(r, in))
	}
	return false
}

// written is the author's text as it is counted: a mail that answers nothing is all theirs.
func (r *ruling) written() string {
	if r.forwarded == nil && !isReply(r.msg) {
		return r.msg.Body
	}
	return r.text()
}

// Written is what the author of the entry wrote in m, the mail that it came in, without what that answers.
func (e Entry) Written(m *inbox.Message) string {
	switch {
	case e.ActorID != 0: // a colleague forwarded it: the entry has its author's part
		return e.Text
	case isReply(m):
		return m.Text
	}
	return m.Body
}

// entryText is the text as it is filed: of a submission the whole, of a comment what is new.
func (r *ruling) entryText() string {
	switch {
	case r.forwarded != nil:
		return r.forwarded.Text
	case r.Entry == Submission:
		return r.msg.Body
	default:
		return r.text()
	}
}

// empty tells whether there is nothing to file.
func (r *ruling) empty() bool {
	return len(r.files) == 0 && len(r.skipped) == 0 && len(r.msg.Links) == 0 && strings.TrimSpace(r.msg.Body) == "" && strings.TrimSpace(r.text()) == ""
}

// echo tells whether there is nothing to file but the words of the mail that it answers.
func (r *ruling) echo() bool {
	return r.msg.Echo && len(r.files) == 0 && len(r.skipped) == 0 && r.msg.Calendar == nil
}

// content tells whether a part is something a person attached: no signature, and no logo inside the text.
func content(a inbox.Attachment) bool {
	switch a.Type {
	case "application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature", "application/pgp-keys":
		return false
	}
	switch extension(a.Name) {
	case "p7s", "asc", "sig":
		return false
	}
	return !a.Inline || a.Size >= smallInline || !strings.HasPrefix(a.Type, "image/")
}

// draftLike tells files that can be what a step waits for: documents always, pictures, film and archives where design is open.
func draftLike(a inbox.Attachment, stage workflow.Stage) bool {
	if a.Inline {
		return false
	}
	switch extension(a.Name) {
	case "doc", "docx", "odt", "fodt", "rtf", "txt", "md", "markdown", "pdf", "html", "htm", "pages", "tex", "epub", "wpd", "wps", "sxw", "rst", "adoc",
		"ppt", "pptx", "odp", "key", "xls", "xlsx", "ods", "csv", "numbers":
		return true
	case "vcf", "ics", "asc", "sig", "p7s", "p7m", "dat", "eml":
		return false
	}
	switch a.Type {
	case "application/pdf", "application/msword", "application/rtf", "text/rtf", "text/markdown", "application/epub+zip":
		return true
	}
	if strings.HasPrefix(a.Type, "application/vnd.openxmlformats-officedocument.") || strings.HasPrefix(a.Type, "application/vnd.oasis.opendocument.") {
		return true
	}
	if strings.HasPrefix(a.Type, "video/") || strings.HasPrefix(a.Type, "audio/") {
		return true
	}
	if stage != workflow.Design {
		return false
	}
	switch extension(a.Name) {
	case "zip", "psd", "ai", "eps", "indd", "idml", "sketch", "fig", "xd", "afdesign", "afphoto", "afpub", "svg", "tif", "tiff", "png", "jpg", "jpeg", "webp", "gif":
		return true
	}
	return strings.HasPrefix(a.Type, "image/")
}

// extension is a file name's, lower case; the dots and spaces that Windows drops from the end are dropped first.
func extension(name string) string {
	name = strings.TrimRight(name, ". \u00a0")
	return strings.ToLower(strings.TrimPrefix(path.Ext(name), "."))
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
