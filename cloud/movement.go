package cloud

import (
	"context"
	"strings"
	"time"

	"allhours/cloud/ledger"
	"allhours/protocol"
)

// MovementKind is what a person did with goods.
type MovementKind string

// The kinds of movements.
const (
	MoveReceive  MovementKind = "receive"   // a supplier brought it to a store
	MoveTransfer MovementKind = "transfer"  // from one place to another
	MoveWriteOff MovementKind = "write_off" // it will not be sold, for a reason
	MoveCount    MovementKind = "count"     // somebody counted; the difference was lost, or is found
	MoveCorrect  MovementKind = "correct"   // undoes another movement
)

// MovedLine is one article of a movement.
type MovedLine struct {
	SKU protocol.SKU `json:"sku"`
	Qty int          `json:"qty"` // units; of a count those that are there

	Until ledger.Day `json:"until,omitempty"` // receive and transfer: the last day on which they are sold, as it is read off them
}

// MoveGoods asks for a movement. Places are shop:<store>, van:<store>, hands:<id of a member of the staff>,
// stock:<cabinet>:<platform> and stray:<cabinet>:<platform>. With the same key and request the same movement comes back.
type MoveGoods struct {
	Person   protocol.UUID // of the staff
	By       string        // their name
	Key      string
	Kind     MovementKind
	From, To ledger.Account // receive: To; write_off and count: From
	Reason   ledger.Reason  // write_off
	Note     string
	Lines    []MovedLine
	Corrects protocol.UUID // correct: the movement that is undone
	Lots     []SaidLot     // which lots are moved, where it is not those that expire first; the dates follow them, and nothing else is kept of it
}

// Round is the round of which a step moved the goods; false where none did.
func (m MoveGoods) Round() (id protocol.UUID, of bool) {
	rest, of := strings.CutPrefix(m.Key, "round:")
	name, _, _ := strings.Cut(rest, ":")
	id, err := protocol.ParseUUID(name)
	return id, of && err == nil
}

// Moves books what was done, but for a correction, which undoes another movement. booked asks what the books have of an article in a
// place.
func (m MoveGoods) Moves(booked func(ledger.Account, ledger.Unit) (int64, error)) (postings []ledger.Posting, err error) {
	for _, l := range m.Lines {
		switch m.Kind {
		case MoveReceive:
			postings = append(postings, ledger.Move(l.SKU, l.Qty, ledger.Supplier, m.To)...)
		case MoveTransfer:
			postings = append(postings, ledger.Move(l.SKU, l.Qty, m.From, m.To)...)
		case MoveWriteOff:
			postings = append(postings, ledger.Move(l.SKU, l.Qty, m.From, ledger.Off(m.Reason))...)
		case MoveCount:
			there, err := booked(m.From, ledger.Article(l.SKU))
			if err != nil {
				return nil, err
			}
			postings = append(postings, ledger.Counted(m.From, l.SKU, there, l.Qty)...)
		}
	}
	return postings, nil
}

// Movement is what was booked.
type Movement struct {
	ID       protocol.UUID
	At       time.Time
	Store    StoreID
	Cabinet  protocol.CabinetID // empty where none is concerned
	Postings []ledger.Posting
	MoveGoods
}

// Carried is units of one article that have left one place and come to none yet.
type Carried struct {
	Place ledger.Account // van:<store> or hands:<id of a member of the staff>
	SKU   protocol.SKU
	Units int // below nothing where the books of the place they left were wrong
}

// Movements are kept for ever.
type Movements interface {
	// Add has CodeConflict where the person's key is taken, or the movement that it corrects was corrected.
	Add(m Movement) error
	// Find has CodeNotFound where there is none. Postings are left out.
	Find(id protocol.UUID) (Movement, error)
	ByKey(person protocol.UUID, key string) (m Movement, found bool, err error)
	// Latest lists those of a cabinet, the newest first; an empty cabinet means all.
	Latest(cabinet protocol.CabinetID, limit int) ([]Movement, error)
	// Counts lists the counts of a store from one time to before another that were not corrected, the oldest first.
	Counts(store StoreID, from, to time.Time) ([]Movement, error)
}

// Goods lets staff move goods in the books, as they did with their hands.
type Goods interface {
	// Move books a movement. What lies in a cabinet is moved only while the cabinet is there and has told everything, and it
	// is told what its book is then. Errors: protocol.CodeMalformed, CodeUnknownCabinet, CodeUnknownArticle, CodeNotFound,
	// CodeCabinetAway, CodeCabinetBusy, CodeKeyReused, CodeConflict where less is there than is taken, or it was corrected.
	Move(ctx context.Context, m MoveGoods) (Movement, error)
	// Movements lists the latest of a cabinet, the newest first; an empty cabinet means all.
	Movements(ctx context.Context, cabinet protocol.CabinetID, limit int) ([]Movement, error)
	// Carried lists what is on its way: in vans, and in the hands of the staff, by place and article.
	Carried(ctx context.Context) ([]Carried, error)
}
