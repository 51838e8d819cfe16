package cloud

import (
	"context"
	"time"

	"allhours/protocol"
)

// IncidentRejoin is how soon after its end the same incident joins the former one instead of being another: what flickers is one story.
const IncidentRejoin = 15 * time.Minute

// IncidentDid is what a step did with an incident.
type IncidentDid string

// The steps of an incident. The first four are the rules', the others a person's.
const (
	IncidentOpened       IncidentDid = "opened"
	IncidentReturned     IncidentDid = "returned" // soon after it had ended
	IncidentEnded        IncidentDid = "ended"    // by itself: the rule saw that it is over
	IncidentEscalated    IncidentDid = "escalated"
	IncidentAcknowledged IncidentDid = "acknowledged"
	IncidentAssigned     IncidentDid = "assigned" // to Whom
	IncidentNoted        IncidentDid = "noted"
	IncidentClosed       IncidentDid = "closed" // with Cause
)

// IncidentStep is one line of an incident's story; none is ever changed.
type IncidentStep struct {
	ID     int64 // grows over all incidents; the store gives it
	Number int   // of the incident
	At     time.Time
	Did    IncidentDid
	By     string // name of the staff; empty: a rule
	Whom   string // name of the staff that it was assigned to
	Cause  IncidentCause
	Words  string
}

// IncidentSteps are the stories of incidents.
type IncidentSteps interface {
	// Take writes a step down that is not the store's own, and moves its incident. Errors: CodeNotFound where there is no such
	// incident, CodeConflict where it is over, or was escalated before.
	Take(s IncidentStep) error
	// Of lists the steps of an incident, the oldest first.
	Of(number int) ([]IncidentStep, error)
	// After lists at most so many steps that come after one, in their order, each with its incident as it is now.
	After(step int64, limit int) ([]IncidentTold, error)
}

// IncidentTold is a step and the incident as it is now.
type IncidentTold struct {
	Step     IncidentStep
	Incident Incident
	Store    StoreID // empty: the cabinet is not known
}

// IncidentQuery asks for incidents; what is empty does not narrow.
type IncidentQuery struct {
	Over  bool // those that are over, the last first; else the open ones by rank, of each rank the longest waiting first
	Store StoreID
	Kind  IncidentKind
	Since time.Time // of those that are over: since when; zero: ever
	Limit int
}

// IncidentTable finds incidents.
type IncidentTable interface {
	// Find has CodeNotFound where there is no such number.
	Find(number int) (Incident, error)
	List(q IncidentQuery) ([]Incident, error)
	// Newest is the last one of a kind about a subject, open or not.
	Newest(cabinet protocol.CabinetID, kind IncidentKind, subject string) (i Incident, found bool, err error)
	// Times adds up by kind how long those took that ended at a moment or later.
	Times(since time.Time) (map[IncidentKind]IncidentTimes, error)
}

// IncidentTimes is how long incidents took, added up.
type IncidentTimes struct {
	Ended  int
	Detect time.Duration // from when it happened, as far as the cabinet knows, until it was opened
	Repair time.Duration // from then until it was over
}

// IncidentsTimed is over how long mean times are taken.
const IncidentsTimed = 30 * 24 * time.Hour

// TimesOf adds those of all kinds up.
func TimesOf(kinds map[IncidentKind]IncidentTimes) (all IncidentTimes) {
	for _, t := range kinds {
		all = all.With(t)
	}
	return all
}

// With adds others.
func (t IncidentTimes) With(o IncidentTimes) IncidentTimes {
	return IncidentTimes{t.Ended + o.Ended, t.Detect + o.Detect, t.Repair + o.Repair}
}

// Means are the mean time to detect and the mean time to repair; zero where none ended.
func (t IncidentTimes) Means() (detect, repair time.Duration) {
	if t.Ended == 0 {
		return 0, 0
	}
	n := time.Duration(t.Ended)
	return t.Detect / n, t.Repair / n
}

// IncidentStory is an incident with all that was done with it.
type IncidentStory struct {
	Incident Incident
	Steps    []IncidentStep
}

// IncidentAct is what a person does with an incident: acknowledge, assign, note or close it.
type IncidentAct struct {
	Number int
	Did    IncidentDid
	By     string
	Whom   string // only to assign
	Cause  IncidentCause
	Words  string
}

// IncidentDesk is what staff do with incidents.
type IncidentDesk interface {
	// List lists them by urgency where they are open, each urgency's longest waiting first.
	List(ctx context.Context, q IncidentQuery) ([]Incident, error)
	// Story has CodeNotFound where there is no such number.
	Story(ctx context.Context, number int) (IncidentStory, error)
	// Act errors: CodeNotFound, CodeConflict where it is over, protocol.CodeMalformed where something is missing or wrong.
	Act(ctx context.Context, a IncidentAct) (IncidentStory, error)
	// Hands are those whom an incident can be assigned to.
	Hands(ctx context.Context) ([]Principal, error)
	// Times are those of each kind that ended since a moment.
	Times(ctx context.Context, since time.Time) (map[IncidentKind]IncidentTimes, error)
}

// NoticeState is how far a notice is.
type NoticeState string

// The states of a notice; all but the first are final.
const (
	NoticeWaiting  NoticeState = "waiting"
	NoticeSent     NoticeState = "sent"
	NoticeRefused  NoticeState = "refused"  // the receiver will not take it, or never answered
	NoticeUnneeded NoticeState = "unneeded" // it was over before it was told
)

// Notice tells one receiver of one step; there is one for a channel and a step.
type Notice struct {
	ID       protocol.UUID // the same for each try
	Channel  string
	Step     int64 // the first, where several are told as one
	Urgency  Urgency
	Body     []byte // what is told, as JSON; no name, no phone and no words of a person
	Created  time.Time
	Attempts int
	Next     time.Time
	State    NoticeState
}

// NoticeTable is the outbox towards whoever is told of incidents.
type NoticeTable interface {
	// Told is the last step of which notices were written, if any was wanted.
	Told() (int64, error)
	// Tell moves that on and adds notices; one that is there for the same channel and step is left alone.
	Tell(through int64, notices []Notice) error
	// Due lists what waits for a channel and is due, the oldest first.
	Due(channel string, at time.Time, limit int) ([]Notice, error)
	// Move notes an attempt or an end; CodeConflict where the notice waits no more.
	Move(n Notice) error
	// Retire ends, as unneeded, all that wait for other channels than these.
	Retire(but []string) error
	// Backlog is how many wait, and when the oldest of those that are due was written; zero: none is.
	Backlog(at time.Time) (waiting int, oldest time.Time, err error)
}
