package proxy

import (
	"context"
	"fmt"

	"handoff/workflow"
)

const defaultPitches = 5

// takes holds a pitch that cannot be taken now: nobody decides on it, or its author proposed enough for a day.
func (d *Decider) takes(ctx context.Context, look Lookups, r *ruling) error {
	q := r.request
	if q.name != "pitch" || r.refused != nil {
		return nil
	}
	_, err := d.pitchEditor(ctx, look, r.author)
	switch {
	case workflow.CodeOf(err) == workflow.NotFound:
		q.waits = err.Error()
	case err != nil:
		return err
	}
	if most := orDefault(d.Caps.Pitches, defaultPitches); q.waits == "" && most >= 0 {
		n, err := look.Pitches(ctx, r.author.ID, d.now(r).Add(-dayWindow))
		if err != nil {
			return fmt.Errorf("counting the proposals of %s: %w", r.author.Name, err)
		}
		if n >= most {
			q.waits = fmt.Sprintf("%s came within a day, and no more are taken at once", plural(n, "proposal", "proposals"))
		}
	}
	if q.waits != "" {
		q.reply = "held"
	}
	return nil
}

// pitchEditor decides on the author's proposals: who looks after them, or else who does the triage, if they are of the team.
// workflow.NotFound says that there is nobody.
func (d *Decider) pitchEditor(ctx context.Context, look Lookups, author workflow.Person) (workflow.Person, error) {
	if author.EditorID != 0 {
		who, err := look.Person(ctx, author.EditorID)
		switch {
		case err == nil && decides(who):
			return who, nil
		case err != nil && workflow.CodeOf(err) != workflow.NotFound:
			return who, fmt.Errorf("looking up the editor of %s: %w", author.Name, err)
		}
	}
	if address := workflow.NormalizeAddress(d.Triage); address != "" {
		who, err := personByAddress(ctx, look, address)
		if err != nil || decides(who) {
			return who, err
		}
	}
	return workflow.Person{}, workflow.Errorf(workflow.NotFound, "nobody is named yet who decides on proposals")
}

// decides tells whether somebody can be asked for a decision.
func decides(who workflow.Person) bool {
	return who.ID != 0 && who.Primary() != "" && who.Gone() == nil
}
