package proxy

import (
	"encoding/json"
	"fmt"

	"handoff/templates"
	"handoff/workflow"
)

// ofHeld answers a reply to word of a mail that waits: what decides on that mail is a command, and it is named whole. The reply
// itself changes nothing, for no word of it can say which piece is meant and that its sender saw what came.
func (d *Decider) ofHeld(r *ruling) error {
	if r.request != nil || r.answered.Template != (templates.HeldEditor{}).Template() {
		return nil
	}
	var told templates.HeldEditor
	if err := json.Unmarshal(r.answered.Data, &told); err != nil {
		return fmt.Errorf("reading notice %d: %w", r.answered.ID, err)
	}
	code := "CODE"
	if len(told.Candidates) == 1 {
		code = told.Candidates[0].Code
	}
	file := fmt.Sprintf("handoff mail file %d %s --as %s", told.MailID, code, r.author.Primary())
	ignore := fmt.Sprintf("handoff mail ignore %d --as %s", told.MailID, r.author.Primary())
	r.request = &request{name: "held mail"}
	r.refused = workflow.Errorf(workflow.Invalid, "an answer does not decide on mail %d, and its sender does not get your words. Decide by command: “%s” files it on a piece, “%s” lets it rest", told.MailID, file, ignore)
	return nil
}
