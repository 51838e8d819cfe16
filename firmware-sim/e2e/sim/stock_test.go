package sim

import (
	"database/sql"
	"maps"

	"allhours/cloud"
)

// journal: every event of the cabinet is in the inbox as it was written, and applied in order.
func (k *books) journal(b *box) {
	edge := openDisk(k.T, b.folder(), journalFile)
	defer edge.close()
	last := edge.number(`SELECT last FROM state`)
	if n := edge.number(`SELECT count(*) FROM visits WHERE ended = 0`); n != 0 {
		k.Errorf("%s: %d visits have no end in its journal", b.id, n)
	}
	if acked := edge.number(`SELECT acked FROM state`); acked != last {
		k.Errorf("%s: %d of %d events are acknowledged", b.id, acked, last)
	}
	if applied := k.fleet.number(`SELECT applied FROM journals WHERE cabinet = ?`, b.id); applied != last {
		k.Errorf("%s: %d of %d events are applied", b.id, applied, last)
	}
	type written struct{ kind, body string }
	inbox := map[int64]written{}
	k.fleet.each(func(r *sql.Rows) error {
		var seq int64
		var w written
		err := r.Scan(&seq, &w.kind, &w.body)
		inbox[seq] = w
		return err
	}, `SELECT seq, json_extract(event, '$.type'), json_extract(event, '$.body') FROM inbox
		WHERE cabinet = ?1 AND journal = (SELECT journal FROM journals WHERE cabinet = ?1)`, b.id)
	edge.each(func(r *sql.Rows) error {
		var seq int64
		var w written
		err := r.Scan(&seq, &w.kind, &w.body)
		if err == nil && inbox[seq] != w {
			k.Errorf("%s: event %d (%s) is not in the inbox as it was written", b.id, seq, w.kind)
		}
		return err
	}, `SELECT seq, type, json(body) FROM events ORDER BY seq`)
	if n := edge.number(`SELECT count(*) FROM events`); n != last {
		k.Errorf("%s: %d of %d events are on its disk", b.id, n, last)
	}
}

// stock: the ledger says what the cabinet's book says, and both say the truth where no human has to decide and nothing
// lies where it does not belong.
func (k *books) stock(b *box) {
	book, ledger, truth := k.bookOf(b), k.ledgerOf(b, "stock:"), truthOf(b)
	decided := k.decided(b)
	if !decided && !maps.Equal(book, ledger) {
		k.Errorf("%s: the cabinet's book %v, the ledger %v", b.id, book, ledger)
	}
	for _, v := range k.visits {
		if v.Cabinet == b.id && (v.Payment == cloud.PaymentReview || v.Payment == cloud.PaymentWaived) {
			return
		}
	}
	for at, n := range k.ledgerOf(b, "stray:") {
		ledger[at] += n
	}
	if decided { // Who decides says what was taken, and not from where.
		ledger, truth = byArticle(ledger), byArticle(truth)
	}
	if !maps.Equal(ledger, truth) {
		k.Errorf("%s: the ledger says %v, and there is %v", b.id, ledger, truth)
	}
}

// decided reports a cabinet of which somebody decided a case.
func (k *books) decided(b *box) bool {
	return k.fleet.number(`SELECT count(*) FROM decisions d JOIN visits v ON v.id = d.visit WHERE v.cabinet = ?`, string(b.id)) > 0
}

func byArticle(units map[spot]int) map[spot]int {
	by := map[spot]int{}
	for at, n := range units {
		by[spot{sku: at.sku}] += n
	}
	maps.DeleteFunc(by, func(_ spot, n int) bool { return n == 0 })
	return by
}

// spot is where an article lies.
type spot struct {
	platform, sku string
}

func (k *books) bookOf(b *box) map[spot]int {
	edge := openDisk(k.T, b.folder(), journalFile)
	defer edge.close()
	by := map[spot]int{}
	edge.each(func(r *sql.Rows) error {
		var at spot
		var n int
		err := r.Scan(&at.platform, &at.sku, &n)
		by[at] = n
		return err
	}, `SELECT platform, sku, units FROM book WHERE units <> 0`)
	return by
}

func (k *books) ledgerOf(b *box, kind string) map[spot]int {
	prefix := kind + string(b.id) + ":"
	by := map[spot]int{}
	k.fleet.each(func(r *sql.Rows) error {
		var account, unit string
		var n int
		err := r.Scan(&account, &unit, &n)
		by[spot{account[len(prefix):], unit[len("sku:"):]}] = n
		return err
	}, `SELECT account, unit, amount FROM ledger_balances WHERE amount <> 0 AND substr(account, 1, ?) = ?`, len(prefix), prefix)
	return by
}

func truthOf(b *box) map[spot]int {
	by := map[spot]int{}
	for _, heap := range b.cabinet.State().Heaps {
		for _, u := range heap.Units {
			by[spot{string(heap.Platform), string(u.SKU)}]++
		}
	}
	return by
}
