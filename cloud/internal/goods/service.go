// Package goods books what people do with goods: what a supplier brought, what was carried elsewhere, written off or counted.
// It refuses a movement without a reason, and to move in the books what a cabinet may have sold meanwhile.
package goods

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/book"
	"allhours/cloud/internal/presence"
	"allhours/cloud/internal/watch"
	"allhours/cloud/ledger"
	"allhours/protocol"
	"allhours/protocol/wire"
)

// mostLines is how many articles one movement has at most.
const mostLines = 200

// Greeter sends a cabinet its desired state.
type Greeter interface {
	Greet(ctx context.Context, cabinet protocol.CabinetID, applied wire.ConfigVersion) error
}

// Options are what the service stands on; all are needed.
type Options struct {
	DB       cloud.DB
	Book     *book.Book
	Greeter  Greeter
	Presence *presence.Book
	Hub      *watch.Hub
	Now      func() time.Time
	NewID    func() protocol.UUID
}

// Service implements cloud.Goods.
type Service struct{ Options }

// New makes a service.
func New(o Options) *Service { return &Service{o} }

// Movements implements cloud.Goods.
func (s *Service) Movements(ctx context.Context, cabinet protocol.CabinetID, limit int) (all []cloud.Movement, err error) {
	err = s.DB.View(ctx, func(tx cloud.Tx) error {
		all, err = tx.Movements.Latest(cabinet, limit)
		return err
	})
	return all, err
}

// Carried implements cloud.Goods.
func (s *Service) Carried(ctx context.Context) (all []cloud.Carried, err error) {
	err = s.DB.View(ctx, func(tx cloud.Tx) error {
		for _, prefix := range []ledger.Account{"van:", "hands:"} {
			piles, err := tx.Ledger.Balances(prefix)
			if err != nil {
				return err
			}
			for _, p := range piles {
				if sku := p.Unit.SKU(); sku != "" {
					all = append(all, cloud.Carried{Place: p.Account, SKU: sku, Units: int(p.Amount)})
				}
			}
		}
		return nil
	})
	return all, err
}

// Move implements cloud.Goods.
func (s *Service) Move(ctx context.Context, g cloud.MoveGoods) (cloud.Movement, error) {
	var m cloud.Movement
	var touched []protocol.CabinetID
	err := s.DB.Update(context.WithoutCancel(ctx), func(tx cloud.Tx) (err error) {
		m, touched, err = s.Within(tx, g)
		return err
	})
	if err != nil {
		return cloud.Movement{}, fmt.Errorf("move goods: %w", err)
	}
	return m, s.Tell(ctx, touched)
}

// Within books a movement in the caller's transaction. The cabinets that it names are to be told with Tell after it.
func (s *Service) Within(tx cloud.Tx, g cloud.MoveGoods) (m cloud.Movement, touched []protocol.CabinetID, err error) {
	g.Note = strings.TrimSpace(g.Note)
	if err := check(g); err != nil {
		return cloud.Movement{}, nil, err
	}
	known, found, err := tx.Movements.ByKey(g.Person, g.Key)
	if err != nil {
		return cloud.Movement{}, nil, err
	}
	if found {
		return known, nil, sameRequest(known.MoveGoods, g)
	}
	m = cloud.Movement{MoveGoods: g}
	touched, err = s.move(tx, &m)
	return m, touched, err
}

// Tell brings cabinets what their books are now.
func (s *Service) Tell(ctx context.Context, touched []protocol.CabinetID) error {
	s.Hub.FleetChanged()
	for _, id := range touched {
		if err := s.Greeter.Greet(ctx, id, s.Presence.Of(id).Applied); err != nil {
			return fmt.Errorf("tell %s: %w", id, err)
		}
	}
	return nil
}

func sameRequest(a, b cloud.MoveGoods) error {
	if a.Kind == b.Kind && a.From == b.From && a.To == b.To && a.Reason == b.Reason && a.Corrects == b.Corrects && reflect.DeepEqual(a.Lines, b.Lines) {
		return nil
	}
	return protocol.Errorf(cloud.CodeKeyReused, "the key was used for another movement")
}

// check holds a request to its kind.
func check(g cloud.MoveGoods) error {
	wrong := func(format string, args ...any) error {
		return protocol.Errorf(protocol.CodeMalformed, format, args...)
	}
	_, _, _, from := g.From.Place()
	kind, _, _, to := g.To.Place()
	switch g.Kind {
	case cloud.MoveReceive:
		from, to = g.From == "", to && kind == "shop"
	case cloud.MoveTransfer:
		to = to && g.From != g.To
	case cloud.MoveWriteOff, cloud.MoveCount:
		to = g.To == ""
	case cloud.MoveCorrect:
		from, to = g.From == "", g.To == ""
	default:
		return wrong("kind: want receive, transfer, write_off, count or correct")
	}
	switch {
	case g.By == "" || len(g.Note) > cloud.MaxNote:
		return wrong("note: want %d bytes at most, and who moves", cloud.MaxNote)
	case !from || !to:
		return wrong("from, to: want the places that %s goes between, as shop:<store> or stock:<cabinet>:<platform>", g.Kind)
	case !reasoned(g):
		return wrong("reason: want one of %v for what is written off, one of %v or none for a count, and none else", ledger.Reasons(), ledger.CountReasons())
	case g.Reason == ledger.Other && g.Note == "":
		return wrong("note: want one where the reason is another one")
	case (g.Kind == cloud.MoveCorrect) != !g.Corrects.IsZero() || (g.Kind == cloud.MoveCorrect) != (len(g.Lines) == 0):
		return wrong("corrects, lines: want what is undone, or what is moved")
	case len(g.Lines) > mostLines:
		return wrong("lines: want %d at most", mostLines)
	}
	return checkLines(g)
}

// reasoned reports a reason that fits what is done.
func reasoned(g cloud.MoveGoods) bool {
	switch g.Kind {
	case cloud.MoveWriteOff:
		return g.Reason.Valid()
	case cloud.MoveCount:
		return g.Reason == "" || slices.Contains(ledger.CountReasons(), g.Reason)
	}
	return g.Reason == ""
}

// read are the dates that somebody read off what is moved.
func read(lines []cloud.MovedLine) (lots []cloud.SaidLot) {
	for _, l := range lines {
		if l.Until != "" {
			lots = append(lots, cloud.SaidLot{SKU: l.SKU, Units: l.Qty, Until: l.Until})
		}
	}
	return lots
}

func checkLines(g cloud.MoveGoods) error {
	dated := g.Kind == cloud.MoveReceive || g.Kind == cloud.MoveTransfer
	least := 1
	if g.Kind == cloud.MoveCount {
		least = 0
	}
	type good struct {
		sku   protocol.SKU
		until ledger.Day
	}
	seen := make(map[good]bool)
	for _, l := range g.Lines {
		if l.Qty < least || l.Qty > ledger.MaxUnits || seen[good{l.SKU, l.Until}] {
			return protocol.Errorf(protocol.CodeMalformed, "lines: article %s: want each once, or once for a date, and %d to %d units", l.SKU, least, ledger.MaxUnits)
		}
		if l.Until != "" && (!dated || !l.Until.Valid()) {
			return protocol.Errorf(protocol.CodeMalformed, "lines: article %s: want a date as 2006-01-02, of what is received or transferred", l.SKU)
		}
		seen[good{l.SKU, l.Until}] = true
	}
	return nil
}

// move books the movement, and lists the cabinets whose own book must follow.
func (s *Service) move(tx cloud.Tx, m *cloud.Movement) (touched []protocol.CabinetID, err error) {
	postings, err := s.postings(tx, *m)
	if err != nil {
		return nil, err
	}
	where, err := s.places(tx, *m, postings)
	if err != nil {
		return nil, err
	}
	if err := s.articles(tx, m.Lines); err != nil {
		return nil, err
	}
	if err := enough(tx, postings); err != nil {
		return nil, err
	}
	m.ID, m.At, m.Postings = s.NewID(), s.Now(), postings
	m.Store, m.Cabinet = where.cabinet.Store, where.cabinet.ID
	if err := tx.Movements.Add(*m); err != nil {
		return nil, err
	}
	if err := counted(tx, *m); err != nil {
		return nil, err
	}
	if err := s.Book.Post(tx, book.Fact{Ref: ledger.MovementRef(m.ID), Cabinet: where.cabinet, At: m.At, Lots: append(read(m.Lines), m.Lots...)}, postings); err != nil {
		return nil, err
	}
	for _, id := range where.stocked {
		if err := s.restock(tx, id); err != nil {
			return nil, err
		}
	}
	return where.stocked, nil
}

func (s *Service) postings(tx cloud.Tx, m cloud.Movement) ([]ledger.Posting, error) {
	if m.Kind == cloud.MoveCorrect {
		return s.undone(tx, m.Corrects)
	}
	return m.Moves(tx.Ledger.Balance)
}

// undone are the postings that take a movement back. What it corrected stays corrected: a correction is not undone.
func (s *Service) undone(tx cloud.Tx, id protocol.UUID) ([]ledger.Posting, error) {
	before, err := tx.Movements.Find(id)
	if err != nil {
		return nil, err
	}
	if before.Kind == cloud.MoveCorrect {
		return nil, protocol.Errorf(cloud.CodeConflict, "movement %s is a correction: book it anew", id)
	}
	postings, err := tx.Ledger.Posted(ledger.MovementRef(id))
	return ledger.Return(postings), err
}

// counted keeps what was counted in a lane, beside what the books had.
func counted(tx cloud.Tx, m cloud.Movement) error {
	if kind, _, _, _ := m.From.Place(); m.Kind != cloud.MoveCount || kind != "stock" {
		return nil
	}
	for _, l := range m.Lines {
		booked, err := tx.Ledger.Balance(m.From, ledger.Article(l.SKU))
		if err != nil {
			return err
		}
		if err := tx.Counts.Put(cloud.LaneCount{Place: m.From, SKU: l.SKU, At: m.At, Booked: int(booked), Counted: l.Qty}); err != nil {
			return err
		}
	}
	return nil
}

// where is what a movement concerns.
type where struct {
	cabinet cloud.Cabinet        // whose day it is booked to; with a store alone where no cabinet is concerned
	stocked []protocol.CabinetID // whose stock changes
}

// places looks up where goods were taken or counted, and every place of the postings: a count that agrees with the books has
// none. The first cabinet is whose day it is, else the first store.
func (s *Service) places(tx cloud.Tx, m cloud.Movement, postings []ledger.Posting) (w where, err error) {
	from := m.From
	if m.Kind == cloud.MoveCorrect {
		before, err := tx.Movements.Find(m.Corrects)
		if err != nil {
			return w, err
		}
		from = before.From
	}
	stores, err := tx.Plans.Stores()
	if err != nil {
		return w, err
	}
	if _, err := w.add(tx, stores, from); err != nil {
		return w, err
	}
	for _, p := range postings {
		stocked, err := w.add(tx, stores, p.Account)
		if err != nil {
			return w, err
		}
		if stocked != "" && !slices.Contains(w.stocked, stocked) {
			w.stocked = append(w.stocked, stocked)
		}
	}
	return w, nil
}

// add looks one place up, and tells whose stock it is, if any cabinet's.
func (w *where) add(tx cloud.Tx, stores []cloud.Store, place ledger.Account) (stocked protocol.CabinetID, err error) {
	kind, whose, platform, ok := place.Place()
	switch {
	case !ok:
		return "", nil
	case kind == "hands":
		return "", carries(tx, place, whose)
	case kind == "shop" || kind == "van":
		if !slices.ContainsFunc(stores, func(st cloud.Store) bool { return string(st.ID) == whose }) {
			return "", protocol.Errorf(cloud.CodeNotFound, "there is no store %q", whose)
		}
		if w.cabinet.Store == "" {
			w.cabinet.Store = cloud.StoreID(whose)
		}
		return "", nil
	}
	cabinet, err := tx.Cabinets.Find(protocol.CabinetID(whose))
	if err != nil {
		return "", err
	}
	if !slices.ContainsFunc(cabinet.Platforms, func(f cloud.Platform) bool { return string(f.ID) == platform }) {
		return "", protocol.Errorf(cloud.CodeNotFound, "cabinet %s has no platform %q", whose, platform)
	}
	if w.cabinet.ID == "" {
		w.cabinet = cabinet
	}
	if kind == "stock" {
		stocked = cabinet.ID
	}
	return stocked, nil
}

func (s *Service) articles(tx cloud.Tx, lines []cloud.MovedLine) error {
	list, err := tx.Plans.Articles()
	if err != nil {
		return err
	}
	for _, l := range lines {
		if !slices.ContainsFunc(list, func(a cloud.Article) bool { return a.SKU == l.SKU }) {
			return protocol.Errorf(cloud.CodeUnknownArticle, "article %q is not in the assortment", l.SKU)
		}
	}
	return nil
}

// enough refuses to take more than is there. A store's stock may be below nothing: what it was brought may be booked later,
// and is shown as it is.
func enough(tx cloud.Tx, postings []ledger.Posting) error {
	for _, p := range ledger.Sum(postings) {
		kind, _, _, ok := p.Account.Place()
		if !ok || p.Amount >= 0 || kind == "shop" || kind == "van" {
			continue
		}
		there, err := tx.Ledger.Balance(p.Account, p.Unit)
		if err != nil {
			return err
		}
		if there+p.Amount < 0 {
			return protocol.Errorf(cloud.CodeConflict, "%s: %d are there by the books, and %d are taken", p.Account, there, -p.Amount)
		}
	}
	return nil
}

// restock gives a cabinet the stock of the books. It must be there, have told everything, and nobody may be at its doors:
// its own book would forget what it sold meanwhile.
func (s *Service) restock(tx cloud.Tx, id protocol.CabinetID) error {
	p := s.Presence.Of(id)
	if p.State(s.Now(), false) == cloud.CabinetAway {
		return protocol.Errorf(cloud.CodeCabinetAway, "cabinet %s was last heard of at %s: its book cannot follow", id, p.LastSeen)
	}
	position, err := tx.Inbox.Position(id)
	if err != nil {
		return err
	}
	underWay, err := tx.Visits.List(cloud.VisitQuery{Cabinet: id, UnderWay: true})
	if err != nil {
		return err
	}
	if len(underWay) > 0 || p.Telemetry.Last > position.Applied {
		return protocol.Errorf(cloud.CodeCabinetBusy, "cabinet %s: a visit is under way, or has not been told of yet", id)
	}
	config, found, err := tx.Desired.Latest(id)
	if err != nil || !found {
		return err
	}
	if config.Stock.Book, err = stockOf(tx, config); err != nil {
		return err
	}
	config.Stock.Version++
	config.Config.Version++
	return tx.Desired.Add(config, s.Now())
}

// stockOf is what the books say lies on the platforms of a cabinet.
func stockOf(tx cloud.Tx, config wire.Config) (map[protocol.PlatformID]map[protocol.SKU]int, error) {
	all := make(map[protocol.PlatformID]map[protocol.SKU]int, len(config.Platforms))
	for _, p := range config.Platforms {
		all[p.ID] = make(map[protocol.SKU]int, len(p.SKUs))
		for _, sku := range p.Known() {
			units, err := tx.Ledger.Balance(ledger.Stock(config.Cabinet, p.ID), ledger.Article(sku))
			if err != nil {
				return nil, err
			}
			all[p.ID][sku] = int(max(units, 0))
		}
	}
	return all, nil
}

// carries refuses hands of nobody who works or worked here. What lies in some already, as what a cabinet told of a restocker that restored books do
// not know, can be moved on.
func carries(tx cloud.Tx, place ledger.Account, whose string) error {
	if id, err := protocol.ParseUUID(whose); err == nil {
		if worked, err := tx.Crew.Worked(id); err != nil || worked {
			return err
		}
	}
	held, err := tx.Ledger.Balances(place)
	if err == nil && len(held) == 0 {
		err = protocol.Errorf(cloud.CodeNotFound, "nobody of the staff is %q", whose)
	}
	return err
}
