package sim

import (
	"database/sql"
	"time"

	"allhours/cloud"
)

// history looks at the visits again and again, so that what moved backward in between is seen too.
type history struct {
	town *town
	next time.Time
	disk *disk // of the service's folder, open as long as that is the same
	at   string
	seen map[string]station

	up    *running // the service's life
	since time.Time
}

// station is where a visit stood.
type station struct {
	outcome cloud.Outcome
	payment cloud.Payment
}

func (v *town) newHistory() *history { return &history{town: v, seen: map[string]station{}} }

// lookEvery is the pause between two looks.
const lookEvery = time.Second

// look compares what the service has on disk with the last look.
func (h *history) look() {
	h.town.t.Helper()
	if time.Now().Before(h.next) {
		return
	}
	h.next = time.Now().Add(lookEvery)
	fleet := h.fleet()
	now := map[string]bool{}
	fleet.each(func(r *sql.Rows) error {
		var id string
		var s station
		if err := r.Scan(&id, &s.outcome, &s.payment); err != nil {
			return err
		}
		now[id] = true
		if before, known := h.seen[id]; known && !before.leadsTo(s) {
			h.town.t.Errorf("visit %s went from %+v to %+v", id, before, s)
		}
		h.seen[id] = s
		return nil
	}, `SELECT id, outcome, payment FROM visits`)
	for id := range h.seen {
		if !now[id] {
			h.town.t.Errorf("visit %s is gone", id)
		}
	}
	h.unheard(fleet)
}

// unheard reports visits of which somebody was told that the door opens, and nothing else for too long by a service that was there
// all the time.
func (h *history) unheard(fleet *disk) {
	h.town.t.Helper()
	up := h.town.service.up()
	if up != h.up {
		h.up, h.since = up, h.town.service.now()
	}
	late := h.town.service.now().Add(-hearsWithin)
	if up == nil || h.since.After(late) {
		return
	}
	fleet.each(func(r *sql.Rows) error {
		var id string
		err := r.Scan(&id)
		h.town.t.Errorf("nobody has heard anything of visit %s for %v", id, hearsWithin)
		return err
	}, `SELECT id FROM visits WHERE payment = 'held' AND begun_ms = 0 AND ended_ms = 0 AND offered_ms = 0 AND sent_ms BETWEEN 1 AND ?`, late.UnixMilli())
}

// fleet is the service's database; it stays open, because opening it costs more than a look.
func (h *history) fleet() *disk {
	if folder := h.town.service.folder(); folder != h.at {
		h.close()
		h.disk, h.at = openDisk(h.town.t, folder, fleetFile), folder
	}
	return h.disk
}

func (h *history) close() {
	if h.disk != nil {
		h.disk.close()
	}
}

// leadsTo reports whether a visit may have come from here to there, by however many steps in between.
func (s station) leadsTo(next station) bool {
	if s.outcome != cloud.OutcomeNone && s.outcome != next.outcome {
		return false
	}
	reached := map[cloud.Payment]bool{s.payment: true}
	for queue := []cloud.Payment{s.payment}; len(queue) > 0; queue = queue[1:] {
		for _, p := range payments {
			if queue[0].MayBecome(p) && !reached[p] {
				reached[p] = true
				queue = append(queue, p)
			}
		}
	}
	return reached[next.payment]
}

var payments = []cloud.Payment{
	cloud.PaymentNone, cloud.PaymentHeld, cloud.PaymentUnknown, cloud.PaymentReview, cloud.PaymentCaptured, cloud.PaymentOwed,
	cloud.PaymentWaived, cloud.PaymentRefunded,
}
