package cloud

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"allhours/protocol"
)

// KeptKind is a kind of data of residents, or of those who work for the chain.
type KeptKind string

// The kinds of data, in the order in which the notice tells of them.
const (
	KeptResident KeptKind = "resident" // phone, consent, wishes, and which visits are whose
	KeptCode     KeptKind = "code"     // a code on its way
	KeptSession  KeptKind = "session"
	KeptMessage  KeptKind = "message" // what was told, of which visit, and what became of it
	KeptTrace    KeptKind = "trace"   // weights of a visit, as they were recorded
	KeptNote     KeptKind = "note"    // what staff wrote beside a visit or a payment
	KeptCase     KeptKind = "case"    // words of objections, rulings and decisions
	KeptBooks    KeptKind = "books"   // bills and payments, under a pseudonym
	KeptPhoto    KeptKind = "photo"   // pictures of goods that were thrown away; that they were taken is not forgotten
)

// How long a code and a resident's session live.
const (
	CodeLife    = 5 * time.Minute
	SessionLife = 90 * 24 * time.Hour
)

// Kept is how long a kind of data is kept: fixed, as many days as the chain says, or without end.
type Kept struct {
	Kind        KeptKind
	Life        time.Duration // fixed; 0: it is not
	Days        int           // where the chain says nothing; 0: it has no say
	Least, Most int           // of what it may say
	Staff       bool          // it comes of the work of the staff: residents are told nothing of it
}

// KeptKinds is the one table of what is kept of people. The notice is made of what it says of residents, and what is removed every day
// of all of it.
func KeptKinds() []Kept {
	return []Kept{
		{Kind: KeptResident, Days: 1095, Least: 180, Most: 3650},
		{Kind: KeptCode, Life: CodeLife},
		{Kind: KeptSession, Life: SessionLife},
		{Kind: KeptMessage, Days: 180, Least: 30, Most: 730},
		{Kind: KeptTrace, Days: 90, Least: 7, Most: 365},
		{Kind: KeptNote, Days: 365, Least: 90, Most: 1825},
		{Kind: KeptCase, Days: 730, Least: 180, Most: 1825},
		{Kind: KeptBooks},
		{Kind: KeptPhoto, Days: 180, Least: 30, Most: 1095, Staff: true},
	}
}

// Retention is how many days a chain keeps what it has a say in; 0: as the table of kinds says.
type Retention struct {
	Resident int `json:"resident,omitempty"`
	Message  int `json:"message,omitempty"`
	Trace    int `json:"trace,omitempty"`
	Note     int `json:"note,omitempty"`
	Case     int `json:"case,omitempty"`
	Photo    int `json:"photo,omitempty"`
}

// Of is where the days of a kind stand; nil where the chain has no say in it.
func (r *Retention) Of(kind KeptKind) *int {
	switch kind {
	case KeptResident:
		return &r.Resident
	case KeptMessage:
		return &r.Message
	case KeptTrace:
		return &r.Trace
	case KeptNote:
		return &r.Note
	case KeptCase:
		return &r.Case
	case KeptPhoto:
		return &r.Photo
	}
	return nil
}

// Period is how long a kind is kept; 0: without end.
func (r Retention) Period(k Kept) time.Duration {
	days := k.Days
	if said := r.Of(k.Kind); said != nil && *said > 0 {
		days = *said
	}
	if days > 0 {
		return time.Duration(days) * 24 * time.Hour
	}
	return k.Life
}

// PrivacyEdition counts the editions of the notice's words. A test holds it to them.
const PrivacyEdition = 1

// KeptPeriod is a kind with its period.
type KeptPeriod struct {
	Kept
	Period time.Duration // 0: without end
}

// PeriodsOf are all kinds with their periods as a chain says.
func PeriodsOf(r Retention) []KeptPeriod {
	var all []KeptPeriod
	for _, k := range KeptKinds() {
		all = append(all, KeptPeriod{Kept: k, Period: r.Period(k)})
	}
	return all
}

// PrivacyNotice is what residents are told of their data.
type PrivacyNotice struct {
	Version string // of the words and of the periods: who agreed to another one is asked again
	Kept    []KeptPeriod
}

// NoticeOf is the notice of a chain.
func NoticeOf(r Retention) PrivacyNotice {
	n, sum := PrivacyNotice{}, sha256.New()
	for _, p := range PeriodsOf(r) {
		if p.Staff {
			continue
		}
		n.Kept = append(n.Kept, p)
		fmt.Fprintf(sum, "%s %d\n", p.Kind, p.Period/time.Second)
	}
	n.Version = fmt.Sprintf("%d-%s", PrivacyEdition, hex.EncodeToString(sum.Sum(nil)[:3]))
	return n
}

// Consent is what a resident agreed to, and when.
type Consent struct {
	Version string
	At      time.Time
}

// Privacy is what residents are told of their data, and agree to.
type Privacy interface {
	Notice(ctx context.Context) (PrivacyNotice, error)
	// Agree keeps that a resident agreed to a version; CodeConsentNeeded where it is not the one of now.
	Agree(ctx context.Context, resident protocol.UUID, version string) error
	// Agreed has CodeConsentNeeded where the resident has not agreed to the notice of now. Who only reads needs not.
	Agreed(ctx context.Context, resident protocol.UUID) error
	// Consent is the newest of a resident; zero where there is none.
	Consent(ctx context.Context, resident protocol.UUID) (Consent, error)
}

// OwnAct is what a resident proves the phone for, once more.
type OwnAct string

// The acts.
const (
	OwnExport OwnAct = "export"
	OwnErase  OwnAct = "erase"
)

// OwnPhones has residents prove that they hold their phone, beside the session.
type OwnPhones interface {
	// SendOwn sends a code that is good for one act of one resident. In the demo, and only there, it comes back. Errors:
	// CodeTooMany, CodeNotFound.
	SendOwn(ctx context.Context, resident protocol.UUID, act OwnAct) (demoCode string, err error)
	// ConfirmOwn uses it. Errors: CodeBadCode, CodeTooMany, CodeNotFound.
	ConfirmOwn(ctx context.Context, resident protocol.UUID, act OwnAct, code string) error
	// OwnPhone is the number itself, for its owner only.
	OwnPhone(ctx context.Context, resident protocol.UUID) (string, error)
}

// Unsettled is what keeps a resident from being erased: somebody still owes somebody something.
type Unsettled struct {
	Visit bool         // one is under way, or its bill is not known yet
	Case  bool         // an objection is open
	Money bool         // a payment is under way
	Owed  protocol.Fen // by the resident
	Purse protocol.Fen // to the resident: paid ahead and not used
}

// Any reports that something is.
func (u Unsettled) Any() bool { return u != Unsettled{} }

// OwnData is what residents may do with all that is kept of them.
type OwnData interface {
	// Export is everything that is kept of a resident; CodeNotFound where there is none such.
	Export(ctx context.Context, resident protocol.UUID) (PersonalData, error)
	Unsettled(ctx context.Context, resident protocol.UUID) (Unsettled, error)
	// Erase forgets who a resident is; CodeStillOpen where something is unsettled, CodeNotFound where there is none such.
	// The books stay, under an id that leads to nobody.
	Erase(ctx context.Context, resident protocol.UUID) error
}

// PersonalData is everything that is kept of a resident, in the form in which it is handed out. The phone is added where
// it is known.
type PersonalData struct {
	ID       protocol.UUID   `json:"id"`
	Subject  string          `json:"pseudonym"` // what cabinets know instead of a name
	Phone    string          `json:"phone"`
	Since    time.Time       `json:"since"`
	Language string          `json:"language,omitempty"`
	Receipts bool            `json:"receipts_by_message"`
	Consents []OwnConsent    `json:"consents"`
	Sessions []OwnSession    `json:"sessions"`
	Balance  protocol.Fen    `json:"balance_fen"`
	Owed     protocol.Fen    `json:"owed_fen"`
	Visits   []OwnVisit      `json:"visits"` // the newest first
	Payments []OwnPayment    `json:"payments"`
	Messages []OwnMessage    `json:"messages"`
	Traces   []protocol.UUID `json:"recordings"` // of these visits
	Remarks  []OwnRemark     `json:"remarks"`
}

// OwnConsent is one of a resident's consents.
type OwnConsent struct {
	Version string    `json:"version"`
	At      time.Time `json:"at"`
}

// OwnSession is a phone that is signed in.
type OwnSession struct {
	Ends time.Time `json:"ends"`
}

// OwnVisit is a visit with its bill.
type OwnVisit struct {
	ID      protocol.VisitID   `json:"id"`
	Number  string             `json:"receipt"`
	Cabinet protocol.CabinetID `json:"cabinet"`
	Place   Text               `json:"place"`
	Began   time.Time          `json:"began"`
	Ended   time.Time          `json:"ended,omitzero"`
	State   VisitState         `json:"state"`
	Total   protocol.Fen       `json:"total_fen"`
	Lines   []OwnLine          `json:"lines"`
}

// OwnLine is a line of a bill.
type OwnLine struct {
	SKU   protocol.SKU `json:"sku"`
	Name  Text         `json:"name"`
	Qty   int          `json:"qty"`
	Price protocol.Fen `json:"price_fen"`
}

// OwnPayment is what a provider was asked for.
type OwnPayment struct {
	Kind     OpKind           `json:"kind"`
	Amount   protocol.Fen     `json:"fen"`
	At       time.Time        `json:"at"`
	State    OpState          `json:"state"`
	Provider string           `json:"provider"`
	Visit    protocol.VisitID `json:"visit,omitzero"`
	Note     string           `json:"note,omitempty"`
}

// OwnMessage is what a resident was told; its words follow from these.
type OwnMessage struct {
	Kind   MessageKind      `json:"kind"`
	At     time.Time        `json:"at"`
	State  MessageState     `json:"state"`
	Amount protocol.Fen     `json:"fen,omitempty"`
	Visit  protocol.VisitID `json:"visit,omitzero"`
}

// OwnRemark is what somebody wrote: the resident in an objection, or the staff. Who of the staff wrote it is theirs.
type OwnRemark struct {
	Kind  WordsKind        `json:"kind"`
	At    time.Time        `json:"at"`
	Visit protocol.VisitID `json:"visit,omitzero"`
	Text  string           `json:"text"`
}

// WordsKind is what free words belong to.
type WordsKind string

// The kinds of words. They are kept beside the rows that stand for ever, so that they need not.
const (
	WordsObjection WordsKind = "objection"
	WordsRuling    WordsKind = "ruling"
	WordsDecision  WordsKind = "decision"
	WordsNote      WordsKind = "note"
)

// ConsentTable keeps what residents agreed to.
type ConsentTable interface {
	// Add does nothing where the resident agreed to that version before.
	Add(resident protocol.UUID, c Consent) error
	// Of lists a resident's, the oldest first.
	Of(resident protocol.UUID) ([]Consent, error)
}

// Erasures forgets residents, and knows whom it has forgotten.
type Erasures interface {
	// Unsettled reports a visit or a case of the resident that is not over.
	Unsettled(resident protocol.UUID) (visit, open bool, err error)
	// Erase removes all that leads to the resident, whatever is unsettled, and keeps the id; false where nobody had it.
	Erase(resident protocol.UUID, at time.Time) (bool, error)
	// Erased lists the ids.
	Erased() ([]protocol.UUID, error)
}

// OldTable finds what is older than its period.
type OldTable interface {
	// Count counts what of a kind is older.
	Count(kind KeptKind, before time.Time) (int, error)
	// Remove removes so much of it at most, the oldest first, and tells how much that was.
	Remove(kind KeptKind, before time.Time, limit int) (int, error)
	// Idle lists residents who are not signed in and began no visit since, by id; those after one.
	Idle(before time.Time, after protocol.UUID, limit int) ([]protocol.UUID, error)
}

// PersonTable reads all that is kept of a resident which no other table finds.
type PersonTable interface {
	// Own gives id, pseudonym, age and sessions; CodeNotFound where there is none such.
	Own(resident protocol.UUID) (PersonalData, error)
	Messages(resident protocol.UUID) ([]OwnMessage, error)
	Payments(resident protocol.UUID) ([]OwnPayment, error)
	Remarks(resident protocol.UUID) ([]OwnRemark, error)
}

// MaskPhone shows as much of a phone (E.164) as its owner needs to know it: 138****1234.
func MaskPhone(phone string) string {
	digits := strings.TrimPrefix(strings.TrimPrefix(phone, "+86"), "+")
	if len(digits) < 8 {
		return "****"
	}
	return digits[:3] + "****" + digits[len(digits)-4:]
}
