package proxy

import (
	"context"
	"encoding/json"
	"fmt"

	"handoff/inbox"
	"handoff/templates"
	"handoff/workflow"
)

// ofFirstSteps tells whether a notice is about its reader's own onboarding. An answer to it asks for nothing
// of a piece, not even of the only one that is open.
func ofFirstSteps(template string) bool {
	switch template {
	case "welcome", "guidelines", "guidelines_unacknowledged", "demo_passed", "billing_locked", "billing_unlocked":
		return true
	}
	return false
}

// briefed recognises an editor's word that they have briefed the contributor whom the answered notice names. Any other answer
// to it is told that it records nothing, lest its sender believe so.
func (d *Decider) briefed(ctx context.Context, look Lookups, r *ruling) error {
	if r.answered.Template != (templates.BriefingDue{}).Template() {
		return nil
	}
	var told templates.BriefingDue
	if err := json.Unmarshal(r.answered.Data, &told); err != nil {
		return fmt.Errorf("reading notice %d: %w", r.answered.ID, err)
	}
	who, err := personByAddress(ctx, look, told.Contributor.Address)
	if err != nil {
		return fmt.Errorf("looking up %s: %w", told.Contributor.Address, err)
	}
	r.request = &request{name: "briefing", done: fmt.Sprintf("The briefing of %s is recorded, and the guidelines go out.", who.Name), who: who, item: workflow.Briefed}
	switch in := r.msg.Intent; {
	case who.ID == 0:
		r.refused = workflow.Errorf(workflow.NotFound, "%s is nobody's address any more", told.Contributor.Address)
		return nil
	case in == nil || in.Command != inbox.Done:
		r.refused = workflow.Errorf(workflow.Invalid, "no briefing of %s is recorded yet: answer with the one word DONE when you have talked", who.Name)
		return nil
	}
	_, _, r.refused = who.Reach(workflow.Briefed, r.author, workflow.Cause{ActorID: r.author.ID, At: d.now(r)})
	return nil
}
