package outbox

import (
	"net/url"
	"slices"
	"strings"

	"handoff/templates"
	"handoff/workflow"
)

// addressNoted tells the editor, and who distributes the piece, where it is to be; nobody else before it is known to be there.
func (t *telling) addressNoted(e workflow.Event) error {
	p := t.piece
	next, _ := p.OpenStep() // the distribution, which begins with the first address
	d := templates.AddressNoted{OnPiece: t.about(next, t.ActorID, ""), URL: p.URL, Was: t.Before.URL}
	for _, id := range []int64{p.EditorID, p.LeadID, next.OwnerID} {
		var invite *Invite
		if id == next.OwnerID {
			invite = t.request(next, id)
		}
		if err := t.add(id, d, next, e.At, invite); err != nil {
			return err
		}
	}
	if step := t.stepOf(e.StepID); step.ID != next.ID && step.OwnerID != t.ActorID {
		t.told[step.OwnerID] = false // that the publication is done is told beside, and taken out of their calendar
	}
	return nil
}

// published hands the share kit to all colleagues and to the contributors of the piece. Whoever did it: it is there to be used.
func (t *telling) published(e workflow.Event, step workflow.Step) error {
	p := t.piece
	d := templates.Published{OnPiece: t.about(step, p.AuthorID, ""), URL: p.URL, Images: t.Images}
	for _, ch := range t.Policy.Channels {
		d.Posts = append(d.Posts, ch.post(p.Title, p.URL))
	}
	ids := slices.DeleteFunc(p.People(), func(id int64) bool { return t.People[id].Class == workflow.Outside && !hadPart(p, id) })
	for id, who := range t.People {
		if who.Class == workflow.Internal && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	for _, id := range ids {
		t.told[id] = false
		d.Unconfirmed = p.DistributedAt.IsZero() && (id == p.LeadID || id == step.OwnerID)
		if err := t.add(id, d, step, e.At, nil); err != nil {
			return err
		}
	}
	t.told = map[int64]bool{0: true, t.ActorID: true} // that it is closed with this is told beside
	return nil
}

// hadPart tells whether somebody did something for the piece: who declined to review it did not.
func hadPart(p workflow.Piece, id int64) bool {
	asked := false
	for _, s := range p.Steps {
		if s.OwnerID == id {
			return true
		}
		for _, r := range s.Reviewers {
			if r.PersonID == id {
				if asked = true; !r.AnsweredAt.IsZero() {
					return true
				}
			}
		}
	}
	return !asked
}

// post is the channel's suggestion for a piece.
func (ch Channel) post(title, address string) templates.Post {
	text := ch.Text
	if text == "" {
		text = "{title} {url}"
	}
	link := tracked(address, ch.Tracking)
	p := templates.Post{Channel: ch.Name, Text: strings.NewReplacer("{title}", title, "{url}", link).Replace(text)}
	if !strings.Contains(text, "{url}") {
		p.URL = link
	}
	return p
}

// tracked is the address with the parameters added to its query.
func tracked(address, parameters string) string {
	u, err := url.Parse(address)
	if err != nil || parameters == "" {
		return address
	}
	if u.RawQuery != "" {
		u.RawQuery += "&"
	}
	u.RawQuery += parameters
	return u.String()
}
