package audit

import (
	"bytes"
	"cmp"
	"fmt"
	"strings"

	"allhours/cloud"
	"allhours/cloud/ledger"
	"allhours/protocol"
	"allhours/protocol/settle"
	"allhours/protocol/wire"
)

// place is where an event lies.
type place struct {
	cabinet protocol.CabinetID
	journal protocol.UUID
	seq     uint64
}

func comparePlaces(a, b place) int {
	return cmp.Or(cmp.Compare(a.cabinet, b.cabinet), compareIDs(a.journal, b.journal), cmp.Compare(a.seq, b.seq))
}

func (k Key) place() place { return place{k.Cabinet, k.Journal, k.Seq} }

// cabinet is what is remembered of one cabinet while its events are looked at: memory is bounded by one cabinet's visits.
type cabinet struct {
	id      protocol.CabinetID
	settled map[protocol.VisitID][]byte // hash of the settlement that counts
	configs map[uint64]*wire.Config
}

// journal is one on its way.
type journal struct {
	Journal
	next uint64 // the seq that should come now
	last uint64 // newest one seen
	lost bool   // a hole before it is known to be for ever

	counted  bool
	reported wire.Counters // the last ones told
	grown    wire.Counters // by the events since then
	openly   bool          // what was lost since then may explain a growth
}

// journals holds each journal to its events, and the events to what they did.
func (a *auditor) journals() error {
	events := beside(a.books.Events, func(e Event) place { return place{e.Cabinet, e.Key.Journal, 0} }, comparePlaces)
	aside := beside(a.books.Aside, Key.place, comparePlaces)
	defer stopAll(events.stop, aside.stop)
	orphan := func(e Event) error {
		a.looked.Events++
		return a.tell(Difference{
			Check: CheckInbox, Where: e.where(), Expected: "a journal that is or was in force", Found: "none", Refs: []ledger.Ref{e.ref()},
		})
	}
	var c cabinet
	for j, err := range a.books.Journals {
		if err != nil {
			return err
		}
		a.looked.Journals++
		if j.Cabinet != c.id {
			c = cabinet{id: j.Cabinet, settled: make(map[protocol.VisitID][]byte)}
		}
		c.configs = make(map[uint64]*wire.Config) // Of one journal: a cabinet that lives long has many.
		if err := a.journal(&c, j, events, aside, orphan); err != nil {
			return err
		}
	}
	return events.rest(orphan)
}

func (a *auditor) journal(c *cabinet, j Journal, events *along[place, Event], aside *along[place, Key], orphan func(Event) error) error {
	at := journal{Journal: j, next: 1}
	key := place{j.Cabinet, j.Journal, 0}
	for {
		e, any, err := events.one(key, orphan)
		if err != nil {
			return err
		}
		if !any {
			break
		}
		apart, err := aside.to(e.place(), func(Key) error { return nil }) // Of what was set aside much is in no inbox.
		if err != nil {
			return err
		}
		a.looked.Events++
		if err := a.event(c, &at, e, isAside(apart, e.Hash)); err != nil {
			return err
		}
	}
	return a.ended(&at)
}

func isAside(apart []Key, hash string) bool {
	for _, k := range apart {
		if k.Hash == hash {
			return true
		}
	}
	return false
}

func (e Event) where() string {
	return fmt.Sprintf("event %d (%s) of %s, journal %s", e.Seq, e.Event.Type, e.Cabinet, e.Key.Journal)
}

func (e Event) ref() ledger.Ref { return ledger.EventRef(e.Cabinet, e.Key.Journal, e.Seq) }

// event looks at one event of a journal.
func (a *auditor) event(c *cabinet, j *journal, e Event, aside bool) error {
	if err := a.whole(e); err != nil {
		return err
	}
	if err := a.gap(j, e); err != nil {
		return err
	}
	if e.Seq > j.Applied || aside {
		if !e.Booked {
			return nil
		}
		return a.tell(Difference{Check: CheckEffect, Where: e.where(), Expected: "no entry: it is not applied", Found: "one", Refs: []ledger.Ref{e.ref()}})
	}
	body, err := wire.DecodeBody(e.Event.Type, e.Event.Body)
	if err != nil {
		return a.tell(Difference{Check: CheckInbox, Where: e.where(), Expected: "a body that can be read, for it is applied", Found: err.Error(), Refs: []ledger.Ref{e.ref()}})
	}
	if err := a.counters(c, j, e, body); err != nil {
		return err
	}
	if b, is := body.(wire.SettledBody); is {
		return a.effect(c, e, b)
	}
	if e.Booked {
		return a.tell(Difference{Check: CheckEffect, Where: e.where(), Expected: "no entry", Found: "one", Refs: []ledger.Ref{e.ref()}})
	}
	return nil
}

// whole: an event is as it was written.
func (a *auditor) whole(e Event) error {
	same := e.Event.Cabinet == e.Cabinet && e.Event.Journal == e.Key.Journal && e.Event.Seq == e.Seq
	if sum := fmt.Sprintf("%x", e.Event.Hash()); same && sum == e.Hash {
		return nil
	}
	return a.tell(Difference{Check: CheckInbox, Where: e.where(), Expected: "content of hash " + e.Hash, Found: "another one", Refs: []ledger.Ref{e.ref()}})
}

// gap: up to what is applied there is no hole, and behind it there is one.
func (a *auditor) gap(j *journal, e Event) (err error) {
	from := j.next
	j.next, j.last = e.Seq+1, e.Seq
	if e.Seq == j.Applied+1 {
		return a.tell(Difference{
			Check: CheckInbox, Where: e.where(), Expected: "to be applied, for all before it are", Found: fmt.Sprintf("applied up to %d", j.Applied), Refs: []ledger.Ref{e.ref()},
		})
	}
	if e.Seq == from || from > j.Applied {
		return nil
	}
	return a.hole(j, from, min(e.Seq-1, j.Applied))
}

func (a *auditor) hole(j *journal, from, to uint64) (err error) {
	if !j.lost {
		if j.lost, err = a.books.Lost(j.Cabinet, j.Journal.Journal); err != nil {
			return err
		}
	}
	j.openly = true
	found := "none of them"
	if j.lost {
		found = "none of them; an incident says that they are nowhere"
	}
	return a.tell(Difference{
		Check: CheckInbox, Where: fmt.Sprintf("%s, journal %s", j.Cabinet, j.Journal.Journal), Shown: j.lost,
		Expected: fmt.Sprintf("events %d to %d, for it is applied up to %d", from, to, j.Applied), Found: found,
	})
}

// ended holds the end of a journal to what is kept of it.
func (a *auditor) ended(j *journal) error {
	if j.next <= j.Applied {
		if err := a.hole(j, j.next, j.Applied); err != nil {
			return err
		}
	}
	where := fmt.Sprintf("%s, journal %s", j.Cabinet, j.Journal.Journal)
	if !j.InForce {
		return nil
	}
	if j.Seen < max(j.last, j.Applied) {
		if err := a.tell(Difference{Check: CheckInbox, Where: where, Expected: fmt.Sprintf("seen up to %d", max(j.last, j.Applied)), Found: fmt.Sprint(j.Seen)}); err != nil {
			return err
		}
	}
	kept, found, err := a.books.Tally(j.Cabinet)
	if err != nil || j.openly && !j.counted {
		return err
	}
	if made := (cloud.Tally{Reported: j.reported, Events: j.grown}); found != j.counted || found && kept != made && !j.openly {
		return a.tell(Difference{Check: CheckCounters, Where: where, Expected: fmt.Sprintf("%+v, as the events say (%v)", made, j.counted), Found: fmt.Sprintf("%+v (%v)", kept, found)})
	}
	return nil
}

// counters: what a cabinet tells of its lifetime grew by its events since it last told.
func (a *auditor) counters(c *cabinet, j *journal, e Event, body wire.Body) error {
	switch b := body.(type) {
	case wire.OpenedBody:
		j.grown.Openings++
		return nil
	case wire.SettledBody:
		hash, err := cloud.OrderHash(b)
		if err != nil {
			return err
		}
		if bytes.Equal(c.settled[b.Visit], hash) {
			break // It says the same again: nothing more was sold.
		}
		sold, err := a.sold(c, b)
		if err != nil {
			return err
		}
		j.grown.Units += sold.Units
		j.grown.Fen += sold.Fen
	}
	now, is := countersOf(body)
	if !is {
		return nil
	}
	sum := wire.Counters{Openings: j.reported.Openings + j.grown.Openings, Units: j.reported.Units + j.grown.Units, Fen: j.reported.Fen + j.grown.Fen}
	counted, openly := j.counted, j.openly
	j.reported, j.grown, j.counted, j.openly = now, wire.Counters{}, true, false
	if !counted || now == sum {
		return nil
	}
	return a.tell(Difference{
		Check: CheckCounters, Where: e.where(), Shown: openly, Expected: fmt.Sprintf("%+v, as the events say", sum), Found: fmt.Sprintf("%+v", now), Refs: []ledger.Ref{e.ref()},
	})
}

func countersOf(body wire.Body) (wire.Counters, bool) {
	switch b := body.(type) {
	case wire.SettledBody:
		return b.Counters, true
	case wire.AliveBody:
		return b.Counters, true
	}
	return wire.Counters{}, false
}

// sold is what a settlement adds to the counters: billed, at the prices of the cabinet's configuration.
func (a *auditor) sold(c *cabinet, b wire.SettledBody) (sold wire.Counters, err error) {
	if b.Purpose != protocol.PurposePurchase || b.Answer.Decision != settle.Bill || !ledger.Believable(b.Answer) {
		return sold, nil
	}
	config, err := a.config(c, b.Config)
	if err != nil {
		return sold, err
	}
	for _, l := range b.Answer.Lines {
		sold.Units += uint64(max(l.Qty, 0))
		if config != nil {
			sold.Fen += config.Goods[l.SKU].Price * protocol.Fen(l.Qty)
		}
	}
	return sold, nil
}

// config is a desired state of the cabinet; nil where there never was one of that version.
func (a *auditor) config(c *cabinet, version uint64) (*wire.Config, error) {
	if known, is := c.configs[version]; is {
		return known, nil
	}
	config, found, err := a.books.Config(c.id, version)
	if err != nil {
		return nil, err
	}
	c.configs[version] = nil
	if found {
		c.configs[version] = &config
	}
	return c.configs[version], nil
}

// effect: the settlement that counts for a visit moved what it says, and no other one of the visit moved anything.
func (a *auditor) effect(c *cabinet, e Event, b wire.SettledBody) error {
	expected, err := a.expected(c, e, b)
	if err != nil {
		return err
	}
	if expected.none != "" && !e.Booked {
		return nil
	}
	var posted []ledger.Posting
	if e.Booked {
		if posted, err = a.books.Posted(e.ref()); err != nil {
			return err
		}
	}
	posted = ledger.Sum(shape(posted))
	if same(ledger.Sum(shape(expected.postings)), posted) && (!e.Booked || expected.none == "") {
		return nil
	}
	return a.tell(Difference{
		Check: CheckEffect, Where: e.where() + ", visit " + b.Visit.String(), Expected: told(ledger.Sum(shape(expected.postings)), expected.none),
		Found: told(posted, ""), Refs: []ledger.Ref{e.ref()},
	})
}

// moves are what a settlement must have moved; none says why it must not have.
type moves struct {
	postings []ledger.Posting
	none     string
}

func (a *auditor) expected(c *cabinet, e Event, b wire.SettledBody) (moves, error) {
	v, found, err := a.books.Visit(b.Visit)
	switch {
	case err != nil:
		return moves{}, err
	case !found:
		return moves{none: "no entry, for there is no such visit"}, a.tell(Difference{
			Check: CheckEffect, Where: e.where(), Expected: "visit " + b.Visit.String(), Found: "none", Refs: []ledger.Ref{e.ref()},
		})
	case c.settled[b.Visit] != nil:
		return moves{none: "no entry, for the visit was settled before"}, nil
	}
	config, err := a.config(c, b.Config)
	if err != nil {
		return moves{}, err
	}
	hash, err := cloud.OrderHash(b)
	if err != nil {
		return moves{}, err
	}
	if b.Purpose != protocol.PurposePurchase {
		c.settled[b.Visit] = hash
		if v.Outcome == cloud.OutcomeAborted || v.Outcome == cloud.OutcomeSold || v.Outcome == cloud.OutcomeNothingTaken {
			return moves{none: "no entry, for the visit had ended"}, nil
		}
		return moves{postings: ledger.Arrive(e.Cabinet, homesOf(config), b.Answer, "hands")}, nil
	}
	o, found, err := a.books.Order(b.Visit)
	if err != nil {
		return moves{}, err
	}
	if !found {
		return moves{none: "no entry, for there is no order"}, a.tell(Difference{
			Check: CheckEffect, Where: e.where(), Expected: "an order of visit " + b.Visit.String(), Found: "none", Refs: []ledger.Ref{e.ref()},
		})
	}
	if !bytes.Equal(hash, o.Hash) {
		return moves{none: "no entry, for the order is another settlement's"}, nil
	}
	c.settled[b.Visit] = hash
	return moves{postings: purchase(e.Cabinet, config, b, o)}, nil
}

func purchase(id protocol.CabinetID, config *wire.Config, b wire.SettledBody, o cloud.Order) []ledger.Posting {
	if o.Why == "" {
		return append(ledger.Leave(id, homesOf(config), b.Answer, ledger.Sold(id)), ledger.Bill(b.Visit, "", o.Total)...)
	}
	if config == nil {
		return nil
	}
	return ledger.Leave(id, homesOf(config), b.Answer, ledger.Undecided(b.Visit))
}

func homesOf(config *wire.Config) ledger.Homes {
	if config == nil {
		return nil
	}
	homes := make(ledger.Homes, len(config.Platforms))
	for _, p := range config.Platforms {
		homes[p.ID] = p.Known()
	}
	return homes
}

// shape keeps of postings what a settlement itself tells: not which store the cabinet belonged to, nor out of whose hands
// the goods came.
func shape(postings []ledger.Posting) (kept []ledger.Posting) {
	for _, p := range postings {
		switch kind, _, _ := strings.Cut(string(p.Account), ":"); kind {
		case "stock", "stray", "sold", "undecided", "due":
			kept = append(kept, p)
		}
	}
	return kept
}

func same(a, b []ledger.Posting) bool {
	if len(a) != len(b) {
		return false
	}
	sums := make(map[pile]int64, len(a))
	for _, p := range a {
		sums[pileOf(p)] += p.Amount
	}
	for _, p := range b {
		if sums[pileOf(p)] != p.Amount {
			return false
		}
	}
	return true
}

func told(postings []ledger.Posting, none string) string {
	if none != "" {
		return none
	}
	if len(postings) == 0 {
		return "nothing moved"
	}
	var parts []string
	for _, p := range postings {
		parts = append(parts, fmt.Sprintf("%s %+d %s", p.Account, p.Amount, p.Unit))
	}
	return strings.Join(parts, ", ")
}
