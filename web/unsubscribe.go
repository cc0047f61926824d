package web

import (
	"errors"
	"net/http"

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
	who, kind, err := s.muting(r)
	switch {
	case err != nil:
		s.broken(w, r, err)
	case kind == nil:
		s.badLink(w, r)
	case who.ID == 0:
		s.show(w, r, who, http.StatusOK, stopped(kind, nothingToUndo))
	case who.Mutes(kind.Data.Template()):
		s.show(w, r, who, http.StatusOK, stopped(kind, sendAgain))
	default:
		s.show(w, r, who, http.StatusOK, func(t text) page {
			return page{Title: t.ask, Text: []string{t.of(t.askText, kind)}, Button: stop(t), Note: t.others}
		})
	}
}

// unsubscribe mutes a kind of mails, or takes that back. Once more is as good as once. It never redirects (RFC 8058, section 3.1).
func (s *site) unsubscribe(w http.ResponseWriter, r *http.Request) {
	who, kind, err := s.muting(r)
	switch {
	case err != nil:
		s.broken(w, r, err)
		return
	case kind == nil:
		s.badLink(w, r)
		return
	}
	mute, err := wanted(r)
	if err != nil {
		s.show(w, r, who, statusOf(err), func(t text) page {
			return page{Title: t.ask, Text: []string{t.of(t.unread, kind)}, Button: stop(t), Note: t.others}
		})
		return
	}
	if who.ID == 0 { // nobody is left who could get any
		s.show(w, r, who, http.StatusOK, stopped(kind, nothingToUndo))
		return
	}
	err = s.Desk.Mute(r.Context(), who.ID, kind.Data.Template(), mute)
	switch code := workflow.CodeOf(err); {
	case err != nil && code != workflow.Conflict: // else it is so already
		s.broken(w, r, err)
	case mute:
		s.show(w, r, who, http.StatusOK, stopped(kind, undoNow))
	default:
		s.show(w, r, who, http.StatusOK, func(t text) page {
			return page{Title: t.back, Text: []string{t.of(t.backText, kind)}, Button: stop(t)}
		})
	}
}

// muting is who mutes what by the request's token, which has to be ours and of a kind that there is still: else kind is nil. Who is
// gone is nobody.
func (s *site) muting(r *http.Request) (who workflow.Person, kind *templates.Entry, err error) {
	id, notice, err := s.Links.FromMuteToken(r.PathValue("token"))
	if err != nil {
		return who, nil, nil
	}
	e, ok := templates.EntryOf(notice)
	if !ok || !e.Recurring {
		return who, nil, nil
	}
	if who, err = s.Directory.Person(r.Context(), id); workflow.CodeOf(err) == workflow.NotFound {
		return workflow.Person{}, &e, nil
	}
	return who, &e, err
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

// takingBack is what the button on the page of a stopped kind does.
type takingBack int

const (
	nothingToUndo takingBack = iota
	undoNow
	sendAgain
)

// stopped is the page for a kind that is muted, with a button, if any, to take that back.
func stopped(kind *templates.Entry, back takingBack) func(text) page {
	return func(t text) page {
		label := map[takingBack]string{undoNow: t.undo, sendAgain: t.again}[back]
		return page{
			Title: t.stopped, Text: []string{t.of(t.noMore, kind)}, Note: t.others,
			Button: button{Label: label, Name: undoField, Value: undo, Quiet: true},
		}
	}
}

func stop(t text) button { return button{Label: t.stop, Name: unsubscribeField, Value: oneClick} }

// badLink answers for a token that is not ours, or not any more.
func (s *site) badLink(w http.ResponseWriter, r *http.Request) {
	s.show(w, r, workflow.Person{}, http.StatusNotFound, func(t text) page {
		return page{Title: t.badLink, Text: t.badLinkText[:]}
	})
}
