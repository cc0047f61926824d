package templates

import "time"

// OnPiece is in the data of most mails about a piece.
type OnPiece struct {
	Base
	Piece Piece
	Step  *Step  // the one it is about; missing: the whole piece
	Who   Person // who did it, or is to do it; the reader where nobody else is meant
	Words string // what they wrote, "" nothing
}

// Onboarding is in the data of mails about a contributor's first steps.
type Onboarding struct {
	Base
	Contributor Person // whose first steps they are
	Editor      Person // who looks after them
	Next        string // point of the checklist, in words; "" none is left
	Guidelines  string // the team's, Markdown; "" none
	Days        int    // since the last point; 0 today
}

// Standing is in the data of mails that list what waits.
type Standing struct {
	Base
	Items []Item // the most urgent first
}

// Item is one thing that waits for somebody.
type Item struct {
	Piece Piece
	Step  *Step  // the open one; missing: none
	Note  string // what it waits for, in words; "" for its owner's work
	Late  int    // days past its deadline; 0: not late
}

// HeldMail is one mail that waits for a decision.
type HeldMail struct {
	ID      int64     // for `handoff mail show`
	From    string    // who wrote it
	Subject string    // of the mail, "" none
	Reason  string    // why it waits
	At      time.Time // when it came
}

// Bypass is in the data of answers to mail that goes around the tool.
type Bypass struct {
	Base
	Subject string // of their mail
	Who     Person // who mailed it
	Piece   *Piece // missing when none was recognised
	Count   int    // of such mails within the last weeks, this one included
}

// Post is a suggested text for one channel.
type Post struct {
	Channel string // where it is for: LinkedIn
	Text    string // what to write
	URL     string // with the channel's tracking parameters; "" where the text has it
}

// Welcome welcomes a new contributor.
type Welcome struct {
	Onboarding
}

// BriefingDue asks the editor to brief a contributor personally and record it.
type BriefingDue struct {
	Onboarding
}

// Guidelines gives the guidelines, once the briefing is recorded.
type Guidelines struct {
	Onboarding
}

// GuidelinesUnacknowledged asks a contributor to acknowledge the guidelines.
type GuidelinesUnacknowledged struct {
	Onboarding
}

// DemoInvite invites a contributor to the demo piece.
type DemoInvite struct {
	OnPiece
}

// DemoStalled asks how the demo piece gets on.
type DemoStalled struct {
	OnPiece
	Days int // since it waits
}

// DemoFinished asks the editor whether the demo piece is good. Who is the contributor.
type DemoFinished struct {
	OnPiece
	Drafts []Draft // the newest of the text and of the graphics
}

// DemoPassed tells a contributor that the demo piece is good.
type DemoPassed struct {
	Onboarding
}

// BillingUnlocked tells that invoices are welcome from now on.
type BillingUnlocked struct {
	Onboarding
}

// BillingLocked answers an invoice that comes too early.
type BillingLocked struct {
	Onboarding
	Subject string   // of their mail
	Missing []string // points of the checklist that are missing, in their order
}

// OnboardingStalled tells the editor that an onboarding stands still.
type OnboardingStalled struct {
	Onboarding
}

// PitchReceived confirms a proposal.
type PitchReceived struct {
	OnPiece
	Subject string // of their mail
}

// PitchNew asks the editor to decide on a proposal. Who is the author, Words the proposal.
type PitchNew struct {
	OnPiece
}

// PitchWaiting reminds the editor of a proposal. Who is the author, Words the proposal.
type PitchWaiting struct {
	OnPiece
	Days int // since it waits
}

// PitchApproved tells the author that the topic is approved.
type PitchApproved struct {
	OnPiece
	Missing []string // what is needed before they may write, each a sentence
}

// PitchChanges asks the author for changes to the proposal.
type PitchChanges struct {
	OnPiece
}

// ChangesWaiting reminds the author of the changes.
type ChangesWaiting struct {
	OnPiece
	Days int // since it waits
}

// PitchDeclined tells the author that the topic is declined.
type PitchDeclined struct {
	OnPiece
}

// NotCleared tells the editor what keeps an approved piece from beginning. Who is the author.
type NotCleared struct {
	OnPiece
	Missing []string // what is missing, each a sentence
}

// Cleared is the start kit: brief, guidelines, every date, how to hand in.
type Cleared struct {
	OnPiece
	Steps      []Step // all that follow, the author's first
	Brief      string // what to write
	Guidelines string // the team's, "" none
}

// Early answers a draft that comes before the piece is cleared.
type Early struct {
	OnPiece
	Subject string   // of their mail
	Missing []string // what is needed before, each a sentence
}

// Stalled asks an author who was not heard of.
type Stalled struct {
	OnPiece
}

// StalledEditor tells the editor that nothing was heard of an author. Who is the author.
type StalledEditor struct {
	OnPiece
}

// StepAccepted tells that somebody took a step. Who accepted.
type StepAccepted struct {
	OnPiece
}

// StepDeclined tells that somebody declined a step, which is the editor's now. Who declined, Words are why.
type StepDeclined struct {
	OnPiece
	Reviewer bool    // a peer review is declined, not the step
	Drafts   []Draft // the newest of the text and of the graphics, where the step is the reader's now
}

// StepUnanswered asks for an answer to a handoff.
type StepUnanswered struct {
	OnPiece
	Days int // since they were asked
}

// StepReturned tells that nobody answered, so that the step is the editor's again. Who was asked; Step is as it stands afterwards.
type StepReturned struct {
	OnPiece
	Drafts []Draft // the newest of the text and of the graphics, where the step is the reader's now
}

// ReviewAsked asks a peer for a review. Who asks.
type ReviewAsked struct {
	OnPiece
	Drafts []Draft // what is to be read
}

// ReviewUnanswered reminds a peer of a review. Who asks.
type ReviewUnanswered struct {
	OnPiece
	Days int // since they were asked
}

// ReviewReceived tells the editor that a reviewer answered. Who is the reviewer.
type ReviewReceived struct {
	OnPiece
	Drafts []Draft // the files that came with the review
	Moved  bool    // it was the last one that was needed: the piece is in the next step already
}

// HandedOver confirms to the owner that their step is handed over by hand. Who handed it on; Step is what was theirs.
type HandedOver struct {
	OnPiece
	Next Step // who has the piece now
}

// Unassigned tells that a step is not theirs any more. Who has it now.
type Unassigned struct {
	OnPiece
	Lead bool // it is the distribution of the piece, which they were to lead
}

// Cancelled tells that a piece is given up. Who cancelled it, Words are why.
type Cancelled struct {
	OnPiece
}

// SentBack tells who was at work on a step, or asked for a review, that the author revises first. Who asked for it, Step is
// theirs, and Words say what is to change.
type SentBack struct {
	OnPiece
	Reviewer bool // a peer, whose review is not needed any more
}

// RevisionAsked asks the author for another version. Who asks, Words say what to change.
type RevisionAsked struct {
	OnPiece
	Drafts []Draft // the newest version, where others wrote it
	Next   *Step   // where that version goes
}

// RevisionOverdue reminds the author of a revision that is late. Words say what to change.
type RevisionOverdue struct {
	OnPiece
	Days int // past the deadline
}

// RevisionReceived tells who asked for it that the revision is here. Who is the author, Step who has the piece now.
type RevisionReceived struct {
	OnPiece
	Version int      // of the submissions
	Drafts  []Draft  // that version
	Changes *Changes // since the version before; missing where that is not known
}

// ExtensionAsked asks the editor for a decision on a later date. Who asks, Words are why.
type ExtensionAsked struct {
	OnPiece
	Until   time.Time // the date asked for
	Refusal string    // why it cannot be granted as it is, "" it can
}

// ExtensionWaiting reminds the editor of it. Who asks, Words are why.
type ExtensionWaiting struct {
	OnPiece
	Until time.Time // the date asked for
}

// ExtensionGranted tells that the later date holds. Who asked; Step is the reader's, with its new date.
type ExtensionGranted struct {
	OnPiece
	Was time.Time // the date before
}

// ExtensionRefused tells that the date stays. Who decided, Words are why.
type ExtensionRefused struct {
	OnPiece
}

// LastNotice is the last reminder of a step that is late.
type LastNotice struct {
	OnPiece
	Days  int      // past the deadline
	Tasks []string // what of the checklist is open, on the final check; DONE confirms all of it
}

// NoMore tells the editor that the owner is not reminded any more. Who is the owner.
type NoMore struct {
	OnPiece
	Days int // past the deadline
}

// LeadNamed tells somebody that they lead the distribution. Who named them.
type LeadNamed struct {
	OnPiece
}

// LeadMissing tells the editor that the work waits for a distribution lead, or that Who does not want to be it: Words are why.
type LeadMissing struct {
	OnPiece
	Declined bool // by Who, who was the lead
}

// LeadUnconfirmed asks the lead to confirm.
type LeadUnconfirmed struct {
	OnPiece
	Days int // since they were named
}

// LeadUnconfirmedEditor tells the editor that the lead does not confirm. Who is the lead.
type LeadUnconfirmedEditor struct {
	OnPiece
	Days int // since they were named
}

// ReadyToDistribute is the brief for publication: where, how, which share tools.
type ReadyToDistribute struct {
	OnPiece
	Tasks  []string // the checklist
	Brief  string   // what the piece is about
	Drafts []Draft  // the newest of the text and of the graphics
}

// AddressNoted tells who looks after the publication of its address, before the page is looked at. Who named it.
type AddressNoted struct {
	OnPiece
	URL string // where the piece should be
	Was string // the address named before, which this one replaces; "" it is the first
}

// Published is the share kit.
type Published struct {
	OnPiece
	URL         string       // where it is
	Unconfirmed bool         // the reader has to confirm the distribution
	Posts       []Post       // suggestions, one a channel
	Images      []Attachment // of the piece
}

// Asks tells whether its reader is to confirm.
func (d Published) Asks() bool { return d.Unconfirmed }

// NotVerified asks the lead to mend or confirm the publication.
type NotVerified struct {
	OnPiece
	URL         string // where it should be
	Problem     string // what was wrong with it, "" nothing
	Unconfirmed bool   // the lead has not confirmed the distribution
}

// Asks tells whether its reader is to confirm.
func (d NotVerified) Asks() bool { return d.Unconfirmed }

// NotVerifiedEditor tells the editor of it. Who is the lead.
type NotVerifiedEditor struct {
	OnPiece
	URL         string // where it should be
	Problem     string // what was wrong with it, "" nothing
	Unconfirmed bool   // the lead has not confirmed the distribution
}

// Verified tells that a piece is published, verified and closed.
type Verified struct {
	OnPiece
	URL string // where it is
}

// ThankYou thanks everybody who had a part.
type ThankYou struct {
	OnPiece
	URL  string // where it is
	Part string // what they did, in words
}

// ContributorAway tells the editor that who has a step is away, paused or gone. Who that is.
type ContributorAway struct {
	OnPiece
	Until  time.Time // the last day on which they are away; missing: they are not, or it is not known
	Paused bool      // nobody reminds them of anything
	Left   bool      // they are gone for good
}

// Noted confirms what a short mail did.
type Noted struct {
	OnPiece
	What string // what was done, a sentence
	Ask  string // what is still wanted of them, "" nothing
}

// NotDone says why what a mail asks for was not done.
type NotDone struct {
	OnPiece
	Subject string // of their mail
	Reason  string // why it was not done, a sentence
}

// Closed answers mail on a piece that is closed or cancelled.
type Closed struct {
	OnPiece
	Subject   string // of their mail
	Why       string // a sentence
	Cancelled bool   // it was given up
}

// Status says where a contributor's pieces stand.
type Status struct {
	Standing
}

// Help says how to work by mail.
type Help struct {
	Standing
}

// Muted confirms that a kind of reminder is muted.
type Muted struct {
	Standing
	Notice string // which kind
}

// RedirectFirm tells a colleague more firmly to use the tool.
type RedirectFirm struct {
	Bypass
}

// BypassesEditor tells the editor of a colleague who keeps mailing around the tool.
type BypassesEditor struct {
	Bypass
}

// RedirectOutside tells a contributor that a step is not served by mail.
type RedirectOutside struct {
	Bypass
}

// Weekly is the week's list of what is outstanding.
type Weekly struct {
	Standing
}

// Digest is the day's list of what waits for somebody.
type Digest struct {
	Standing
}

// HeldDigest lists the mails that wait for a decision.
type HeldDigest struct {
	Standing
	Mails []HeldMail // the oldest first
}

func (Welcome) Template() string                  { return "welcome" }
func (BriefingDue) Template() string              { return "briefing_due" }
func (Guidelines) Template() string               { return "guidelines" }
func (GuidelinesUnacknowledged) Template() string { return "guidelines_unacknowledged" }
func (DemoInvite) Template() string               { return "demo_invite" }
func (DemoStalled) Template() string              { return "demo_stalled" }
func (DemoFinished) Template() string             { return "demo_finished" }
func (DemoPassed) Template() string               { return "demo_passed" }
func (BillingUnlocked) Template() string          { return "billing_unlocked" }
func (BillingLocked) Template() string            { return "billing_locked" }
func (OnboardingStalled) Template() string        { return "onboarding_stalled" }
func (PitchReceived) Template() string            { return "pitch_received" }
func (PitchNew) Template() string                 { return "pitch_new" }
func (PitchWaiting) Template() string             { return "pitch_waiting" }
func (PitchApproved) Template() string            { return "pitch_approved" }
func (PitchChanges) Template() string             { return "pitch_changes" }
func (ChangesWaiting) Template() string           { return "changes_waiting" }
func (PitchDeclined) Template() string            { return "pitch_declined" }
func (NotCleared) Template() string               { return "not_cleared" }
func (Cleared) Template() string                  { return "cleared" }
func (Early) Template() string                    { return "early" }
func (Stalled) Template() string                  { return "stalled" }
func (StalledEditor) Template() string            { return "stalled_editor" }
func (StepAccepted) Template() string             { return "step_accepted" }
func (StepDeclined) Template() string             { return "step_declined" }
func (StepUnanswered) Template() string           { return "step_unanswered" }
func (StepReturned) Template() string             { return "step_returned" }
func (ReviewAsked) Template() string              { return "review_asked" }
func (ReviewUnanswered) Template() string         { return "review_unanswered" }
func (ReviewReceived) Template() string           { return "review_received" }
func (HandedOver) Template() string               { return "handed_over" }
func (Unassigned) Template() string               { return "unassigned" }
func (Cancelled) Template() string                { return "cancelled" }
func (SentBack) Template() string                 { return "sent_back" }
func (RevisionAsked) Template() string            { return "revision_asked" }
func (RevisionOverdue) Template() string          { return "revision_overdue" }
func (RevisionReceived) Template() string         { return "revision_received" }
func (ExtensionAsked) Template() string           { return "extension_asked" }
func (ExtensionWaiting) Template() string         { return "extension_waiting" }
func (ExtensionGranted) Template() string         { return "extension_granted" }
func (ExtensionRefused) Template() string         { return "extension_refused" }
func (LastNotice) Template() string               { return "last_notice" }
func (NoMore) Template() string                   { return "no_more" }
func (LeadNamed) Template() string                { return "lead_named" }
func (LeadMissing) Template() string              { return "lead_missing" }
func (LeadUnconfirmed) Template() string          { return "lead_unconfirmed" }
func (LeadUnconfirmedEditor) Template() string    { return "lead_unconfirmed_editor" }
func (ReadyToDistribute) Template() string        { return "ready_to_distribute" }
func (AddressNoted) Template() string             { return "address_noted" }
func (Published) Template() string                { return "published" }
func (NotVerified) Template() string              { return "not_verified" }
func (NotVerifiedEditor) Template() string        { return "not_verified_editor" }
func (Verified) Template() string                 { return "verified" }
func (ThankYou) Template() string                 { return "thank_you" }
func (ContributorAway) Template() string          { return "contributor_away" }
func (Noted) Template() string                    { return "noted" }
func (NotDone) Template() string                  { return "not_done" }
func (Closed) Template() string                   { return "closed" }
func (Status) Template() string                   { return "status" }
func (Help) Template() string                     { return "help" }
func (Muted) Template() string                    { return "muted" }
func (RedirectFirm) Template() string             { return "redirect_firm" }
func (BypassesEditor) Template() string           { return "bypasses_editor" }
func (RedirectOutside) Template() string          { return "redirect_outside" }
func (Weekly) Template() string                   { return "weekly" }
func (Digest) Template() string                   { return "digest" }
func (HeldDigest) Template() string               { return "held_digest" }
