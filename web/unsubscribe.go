package web

import (
	"errors"
	"net/http"
	"strings"

	"handoff/templates"
	"handoff/workflow"
)

// What is posted to UnsubscribePath: the first by mail programs too (RFC 8058, section 3.2), the second by our page.
const (
	unsubscribeField, oneClick = "List-Unsubscribe", "One-Click"
	undoField, undo            = "undo", "1"
)

// showUnsubscribe asks whether a kind of mails is to stop. It changes nothing: programs that look for bad links open it too.
func (s *site) showUnsubscribe(w http.ResponseWriter, r *http.Request) {
	id, kind, ok := s.muting(r)
	if !ok {
		s.badLink(w, r)
		return
	}
	who, err := s.Directory.Person(r.Context(), id)
	switch {
	case workflow.CodeOf(err) == workflow.NotFound:
		s.show(w, r, http.StatusOK, stopped(kind, ""))
	case err != nil:
		s.broken(w, r, err)
	case who.Mutes(kind.Data.Template()):
		s.show(w, r, http.StatusOK, stopped(kind, "Send them again"))
	default:
		s.show(w, r, http.StatusOK, page{
			Title:  "Stop these mails?",
			Text:   []string{"You get mails of the kind " + named(kind) + ": each " + kind.What + "."},
			Button: stop(),
			Note:   otherMails,
		})
	}
}

// unsubscribe mutes a kind of mails, or takes that back. Once more is as good as once. It never redirects (RFC 8058, section 3.1).
func (s *site) unsubscribe(w http.ResponseWriter, r *http.Request) {
	id, kind, ok := s.muting(r)
	if !ok {
		s.badLink(w, r)
		return
	}
	mute, err := wanted(r)
	if err != nil {
		s.show(w, r, statusOf(err), page{
			Title:  "Stop these mails?",
			Text:   []string{"We could not read what your mail program sent. Press the button to get no more mails of the kind " + named(kind) + "."},
			Button: stop(),
			Note:   otherMails,
		})
		return
	}
	err = s.Desk.Mute(r.Context(), id, kind.Data.Template(), mute)
	switch code := workflow.CodeOf(err); {
	case code == workflow.NotFound: // nobody is left who could get any
		s.show(w, r, http.StatusOK, stopped(kind, ""))
	case err != nil && code != workflow.Conflict: // else it is so already
		s.broken(w, r, err)
	case mute:
		s.show(w, r, http.StatusOK, stopped(kind, "Undo"))
	default:
		s.show(w, r, http.StatusOK, page{
			Title:  "You get these mails again",
			Text:   []string{"Mails of the kind " + named(kind) + " reach you as before."},
			Button: stop(),
		})
	}
}

// muting is who mutes what by the request's token, which has to be ours and of a kind that there is still.
func (s *site) muting(r *http.Request) (personID int64, kind templates.Entry, ok bool) {
	personID, notice, err := s.Links.FromMuteToken(r.PathValue("token"))
	if err != nil {
		return 0, kind, false
	}
	kind, ok = templates.EntryOf(notice)
	return personID, kind, ok && kind.Recurring
}

// wanted tells whether the request's form asks to mute or to undo that; mail programs send it in either encoding.
func wanted(r *http.Request) (mute bool, err error) {
	err = r.ParseForm()
	if err == nil {
		err = r.ParseMultipartForm(maxBody)
	}
	if err != nil && !errors.Is(err, http.ErrNotMultipart) {
		return false, workflow.Errorf(workflow.Invalid, "the form cannot be read: %w", err)
	}
	switch {
	case r.PostForm.Get(unsubscribeField) == oneClick:
		return true, nil
	case r.PostForm.Get(undoField) == undo:
		return false, nil
	}
	return false, workflow.Errorf(workflow.Invalid, "the form has neither %s=%s nor %s=%s", unsubscribeField, oneClick, undoField, undo)
}

// otherMails says what stays.
const otherMails = "Only this kind stops. Work that is handed to you, and answers to your mails, still reach you."

// stopped is the page for a kind that is muted, with a button of that label, if any, to take that back.
func stopped(kind templates.Entry, label string) page {
	return page{
		Title:  "These mails are stopped",
		Text:   []string{"You get no more mails of the kind " + named(kind) + "."},
		Button: button{Label: label, Name: undoField, Value: undo, Quiet: true},
		Note:   otherMails,
	}
}

func stop() button {
	return button{Label: "Stop these mails", Name: unsubscribeField, Value: oneClick}
}

// named is what a kind of mails is called.
func named(kind templates.Entry) string {
	return "“" + strings.ReplaceAll(kind.Data.Template(), "_", " ") + "”"
}

// badLink answers for a token that is not ours, or not any more.
func (s *site) badLink(w http.ResponseWriter, r *http.Request) {
	s.show(w, r, http.StatusNotFound, page{
		Title: "This link does not work",
		Text: []string{
			"It may be cut short, or older than we can recognise. Nothing was changed.",
			"Open the link from the newest mail that you want to stop, or answer that mail with the one word STOP: that works, too.",
		},
	})
}
