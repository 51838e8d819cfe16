package incident

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"allhours/cloud"
	"allhours/protocol"
)

// ErrRefused means that a receiver will never take a notice. Any other error means that it is tried again.
var ErrRefused = errors.New("incident: the receiver refuses the notice")

// Limits of telling.
const (
	pace       = 15 * time.Second // of looking for what is to be told
	callMost   = 10 * time.Second // one call to a receiver
	lease      = 2 * callMost     // after it, a notice that was under way is told again
	stepsMost  = 500              // read at once
	dueMost    = 200              // told at once
	firstPause = 5 * time.Second
	doubled    = 9 // times at most
	pauseMost  = 30 * time.Minute
	life       = 24 * time.Hour // after it nobody wants to be told that something began, and no receiver is tried any more
)

// Told is what a receiver is told: one incident, or several of one kind in one store that began together. There is no name, no
// phone and no word of a person in it.
type Told struct {
	ID       protocol.UUID      `json:"id"` // the same for each try
	What     cloud.IncidentDid  `json:"what"`
	Urgency  cloud.Urgency      `json:"urgency"`
	Kind     cloud.IncidentKind `json:"kind"`
	Subject  string             `json:"subject,omitempty"`
	Article  cloud.Text         `json:"article,omitzero"` // that it is about
	Store    cloud.StoreID      `json:"store,omitempty"`
	Name     cloud.Text         `json:"store_name,omitzero"`
	At       time.Time          `json:"at"` // by the chain's clocks
	Cabinets []string           `json:"cabinets"`
	Places   []Place            `json:"places,omitempty"` // of the cabinets, in the same order
	Numbers  []int              `json:"incidents"`
	Role     protocol.Role      `json:"role"` // who looks first
	Link     string             `json:"link"`
}

// Place is how people call a cabinet; one that nobody planned has none.
type Place struct {
	Number int        `json:"number,omitempty"` // of the store's
	Place  cloud.Text `json:"place,omitzero"`
}

// Receiver takes notices, one or several together.
type Receiver interface {
	// Receive errors: ErrRefused; after any other it may come again, with the same ids.
	Receive(ctx context.Context, told []Told) error
}

// Channel is somewhere that incidents are told to.
type Channel struct {
	Name    string        // is in the books
	Urgency cloud.Urgency // that it wants; empty: both
	To      Receiver
}

// Tell tells a channel what is due.
func (s *Service) Tell(ctx context.Context, c Channel) error {
	var due []cloud.Notice
	if err := s.DB.View(ctx, func(tx cloud.Tx) (err error) {
		due, err = tx.Notices.Due(c.Name, s.Now(), dueMost)
		return err
	}); err != nil {
		return err
	}
	return s.tellDue(ctx, c, due)
}

// Retire gives up what waits for channels that are not there any more: nobody will ever send it, and it is not overdue.
func (s *Service) Retire(ctx context.Context) error {
	names := make([]string, len(s.Channels))
	for i, c := range s.Channels {
		names[i] = c.Name
	}
	return s.DB.Update(ctx, func(tx cloud.Tx) error { return tx.Notices.Retire(names) })
}

// Write makes notices of the steps that came since, in one transaction with how far it is: none is lost, and none made twice.
func (s *Service) Write(ctx context.Context) error {
	for {
		more := false
		pending := false
		if err := s.DB.View(ctx, func(tx cloud.Tx) error {
			told, err := tx.Notices.Told()
			if err != nil {
				return err
			}
			steps, err := tx.Followed.After(told, 1)
			pending = len(steps) > 0
			return err
		}); err != nil || !pending {
			return err
		}
		if err := s.DB.Update(ctx, func(tx cloud.Tx) error {
			told, err := tx.Notices.Told()
			if err != nil {
				return err
			}
			steps, err := tx.Followed.After(told, stepsMost)
			if err != nil || len(steps) == 0 {
				return err
			}
			more = len(steps) == stepsMost
			notices, err := s.notices(tx, steps)
			if err != nil {
				return err
			}
			return tx.Notices.Tell(steps[len(steps)-1].Step.ID, notices)
		}); err != nil || !more {
			return err
		}
	}
}

// notices are what each channel is told of some steps.
func (s *Service) notices(tx cloud.Tx, steps []cloud.IncidentTold) ([]cloud.Notice, error) {
	now := s.Now()
	zone, quiet, err := clocks(tx)
	if err != nil {
		return nil, err
	}
	morning := quiet.Until(now.In(zone))
	var all []cloud.Notice
	for _, group := range grouped(steps, now) {
		if err := group.told.name(tx, zone); err != nil {
			return nil, err
		}
		for _, c := range s.Channels {
			if c.Urgency != "" && c.Urgency != group.told.Urgency {
				continue
			}
			n := cloud.Notice{ID: s.NewID(), Channel: c.Name, Step: group.step, Urgency: group.told.Urgency, Created: now, Next: now, State: cloud.NoticeWaiting}
			if n.Urgency == cloud.UrgencyTicket {
				n.Next = morning
			}
			told := group.told
			told.ID, told.Link = n.ID, s.BaseURL+"/incidents/"+strconv.Itoa(told.Numbers[0])
			if len(told.Numbers) > 1 {
				told.Link = s.BaseURL + "/incidents"
			}
			if n.Body, err = json.Marshal(told); err != nil {
				return nil, err
			}
			all = append(all, n)
		}
	}
	return all, nil
}

// group is what is told as one.
type group struct {
	step int64
	told Told
}

// grouped puts together what began in one store at the same time: twenty cabinets whose street has no power are one thing. Of
// what a person did, and of what is long over, nobody is told.
func grouped(steps []cloud.IncidentTold, now time.Time) (all []*group) {
	together := map[string]*group{}
	for _, s := range steps {
		begins := s.Step.Did == cloud.IncidentOpened || s.Step.Did == cloud.IncidentReturned || s.Step.Did == cloud.IncidentEscalated
		if !begins || now.Sub(s.Step.At) > life || !s.Incident.Closed.IsZero() {
			continue
		}
		care := s.Incident.Kind.Care()
		key := strings.Join([]string{string(s.Step.Did), string(s.Incident.Kind), string(s.Store)}, "\n")
		g, there := together[key]
		if !there || s.Incident.Kind != cloud.IncidentAway {
			g = &group{step: s.Step.ID, told: Told{
				What: s.Step.Did, Urgency: care.Urgency, Kind: s.Incident.Kind, Subject: s.Incident.Subject, Store: s.Store, At: s.Step.At, Role: care.Role,
			}}
			together[key], all = g, append(all, g)
		}
		g.told.Cabinets = append(g.told.Cabinets, string(s.Incident.Cabinet))
		g.told.Numbers = append(g.told.Numbers, s.Incident.Number)
	}
	return all
}

// name says by what names people know what is told, and when it was by their clocks.
func (t *Told) name(tx cloud.Tx, zone *time.Location) error {
	t.At = t.At.In(zone)
	stores, err := tx.Plans.Stores()
	if err != nil {
		return err
	}
	for _, s := range stores {
		if s.ID == t.Store {
			t.Name = s.Name
		}
	}
	for _, id := range t.Cabinets {
		c, err := tx.Cabinets.Find(protocol.CabinetID(id))
		if err != nil && protocol.CodeOf(err) != cloud.CodeUnknownCabinet {
			return err
		}
		t.Places = append(t.Places, Place{c.Number, c.Place})
	}
	sku := cloud.Incident{Kind: t.Kind, Subject: t.Subject}.Article()
	if sku == "" {
		return nil
	}
	a, err := tx.Plans.Article(sku)
	if protocol.CodeOf(err) == cloud.CodeUnknownArticle {
		return nil
	}
	t.Article = a.Name
	return err
}

// clocks are those that the chain lives by, and the hours when nobody is woken.
func clocks(tx cloud.Tx) (*time.Location, cloud.Quiet, error) {
	chain, err := tx.Plans.Chain()
	if protocol.CodeOf(err) == cloud.CodeNotFound {
		return time.UTC, cloud.Quiet{}, nil
	}
	if err != nil {
		return nil, cloud.Quiet{}, err
	}
	zone, err := time.LoadLocation(chain.TimeZone)
	if err != nil {
		return nil, cloud.Quiet{}, fmt.Errorf("time zone of the chain: %w", err)
	}
	return zone, chain.Quiet, nil
}

// tellDue tells each page by itself, and the tickets as one digest. What could not be told holds up the rest: the receiver is
// out of order.
func (s *Service) tellDue(ctx context.Context, c Channel, due []cloud.Notice) error {
	var tickets []cloud.Notice
	for _, n := range due {
		if n.Urgency == cloud.UrgencyTicket {
			tickets = append(tickets, n)
			continue
		}
		if told, err := s.deliver(ctx, c, []cloud.Notice{n}); err != nil || !told {
			return err
		}
	}
	if len(tickets) == 0 {
		return nil
	}
	_, err := s.deliver(ctx, c, tickets)
	return err
}

// deliver brings notices one try further. The try is written down before it: a notice that ends this process is not sent
// without end.
func (s *Service) deliver(ctx context.Context, c Channel, notices []cloud.Notice) (taken bool, err error) {
	var told []Told
	var still []cloud.Notice
	if err := s.DB.Update(ctx, func(tx cloud.Tx) error {
		told, still = nil, nil
		for _, n := range notices {
			var one Told
			if err := json.Unmarshal(n.Body, &one); err != nil {
				return fmt.Errorf("notice %s: %w", n.ID, err)
			}
			over, err := allOver(tx, one.Numbers)
			if err != nil {
				return err
			}
			if n.Attempts, n.Next = n.Attempts+1, s.Now().Add(lease); over {
				n.State = cloud.NoticeUnneeded
			} else {
				told, still = append(told, one), append(still, n)
			}
			if err := tx.Notices.Move(n); err != nil {
				return err
			}
		}
		return nil
	}); err != nil || len(still) == 0 {
		return err == nil, err
	}
	call, cancel := context.WithTimeout(ctx, callMost)
	defer cancel()
	failed := c.To.Receive(call, told)
	return failed == nil, s.after(ctx, c, still, failed)
}

// allOver reports that everything that would be told is over.
func allOver(tx cloud.Tx, numbers []int) (bool, error) {
	for _, number := range numbers {
		i, err := tx.Noticed.Find(number)
		if err != nil || i.Closed.IsZero() {
			return false, err
		}
	}
	return true, nil
}

// after notes what became of a try.
func (s *Service) after(ctx context.Context, c Channel, notices []cloud.Notice, failed error) error {
	if failed != nil {
		s.Logger.Warn("incident not told", "channel", c.Name, "notices", len(notices), "attempts", notices[0].Attempts, "error", failed)
	}
	return s.DB.Update(context.WithoutCancel(ctx), func(tx cloud.Tx) error {
		for _, n := range notices {
			switch {
			case failed == nil:
				n.State = cloud.NoticeSent
				s.counts.sent.Add(1)
			case errors.Is(failed, ErrRefused) || s.Now().Sub(n.Created) >= life:
				n.State = cloud.NoticeRefused
				s.counts.refused.Add(1)
			default:
				n.Next = s.Now().Add(min(firstPause<<min(n.Attempts-1, doubled), pauseMost))
			}
			if err := tx.Notices.Move(n); err != nil {
				return err
			}
		}
		return nil
	})
}
