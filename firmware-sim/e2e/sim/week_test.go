package sim

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"net/url"
	"path/filepath"
	"testing"
	"time"

	"allhours/protocol"
)

// What a cabinet has to tell after a week without a network, over which line, and how soon it must be told.
const (
	weekLong    = 7 * 24 * time.Hour
	weekEvents  = 10_000
	weekLine    = 256_000 // bits a second
	drainWithin = time.Minute
)

// TestAWeekWithoutANetworkIsToldInAMinute lets two residents buy by codes, one at either end of a week in which the cabinet
// had a lot to write down and nobody to tell. The week's own events are written straight to its disk, after the pattern of
// the first visit's: playing them would take as long as all other tests.
func TestAWeekWithoutANetworkIsToldInAMinute(t *testing.T) {
	play(t, settings{plans: readers()}, func(t *testing.T, p *scene) {
		p.losesLine()
		first := p.begins()
		p.shows(p.box, p.pass(first))
		p.does(pull(), take("S1", "1002", 2), shut())
		time.Sleep(5 * time.Second)
		p.box.stop()
		p.service.stop() // Nobody misses it for a week; its clocks would tick half a million times.
		from := time.Now()
		time.Sleep(weekLong)
		fillWeek(t, p.box.folder(), p.service.offset, from)
		p.service.start()
		p.box.startOn(false)
		time.Sleep(15 * time.Second)
		other := &scene{town: p.town, box: p.box, who: p.newResident(2, rand.New(rand.NewPCG(2, 2)))}
		last := other.begins()
		p.shows(p.box, p.pass(last))
		p.does(pull(), take("S2", "1003", 1), shut())
		time.Sleep(5 * time.Second)

		p.net.turn(weather{rate: weekLine})
		before := p.net.carried(upward)
		p.box.unplugNet(false)
		began := time.Now()
		if !waitFor(10*time.Minute, func() bool { return p.backlog() == 0 }) {
			t.Fatalf("%d events are left", p.backlog())
		}
		took, bytes := time.Since(began), p.net.carried(upward)-before
		least := time.Duration(bytes) * 8 * time.Second / weekLine
		t.Logf("%d events drained in %v; the line alone takes %v for their %d bytes", p.written(), took, least, bytes)
		if took > drainWithin || took < least {
			t.Errorf("it took %v: want %v at most, and no less than the line takes", took, drainWithin)
		}
		p.arrivedInOrder()
		p.net.turn(weather{})
		p.bills(first, map[protocol.SKU]int{"1002": 2})
		p.bills(last, map[protocol.SKU]int{"1003": 1})
		p.sellsAgain()
	})
}

// fillWeek writes events until there are as many as a busy week has, spread over it, and moves the floor of time along.
func fillWeek(t *testing.T, folder string, offset time.Duration, from time.Time) {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+(&url.URL{Path: filepath.Join(folder, journalFile)}).EscapedPath())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	tx, err := db.BeginTx(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var last, patterns int64
	row := tx.QueryRow(`SELECT (SELECT last FROM state), (SELECT count(*) FROM events WHERE ` + harmless + `)`)
	if err := row.Scan(&last, &patterns); err != nil || patterns < 4 {
		t.Fatalf("%d patterns, %v", patterns, err)
	}
	begin, step := from.Add(offset).UnixMilli(), weekLong.Milliseconds()/weekEvents
	for _, query := range []string{
		fmt.Sprintf(`CREATE TEMP TABLE pattern AS SELECT row_number() OVER (ORDER BY seq) - 1 AS n, boot, type, body FROM events WHERE %s`, harmless),
		fmt.Sprintf(`WITH RECURSIVE more(seq) AS (SELECT %d UNION ALL SELECT seq + 1 FROM more WHERE seq < %d)
			INSERT INTO events (seq, boot, at, up, clock, type, body) SELECT seq, boot, %d + seq * %d, seq * %d, 1, type, %s
			FROM more JOIN pattern ON n = seq %% %d`, last+1, weekEvents, begin, step, step, varied, patterns),
		fmt.Sprintf(`UPDATE state SET last = %d, floor = %d`, weekEvents, begin+weekEvents*step),
	} {
		if _, err := tx.Exec(query); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
}

// harmless are the events that may come again and again: they set what they tell, or are evidence only. They are about as
// long as those of a visit are.
const harmless = `type IN ('stock.level', 'visit.step', 'lock.pulsed', 'alive') AND seq > 3`

// varied gives each event numbers and a visit of its own, so that a week's events are no easier to pack than real ones.
const varied = `CASE type
	WHEN 'alive' THEN json_set(body, '$.counters', json((SELECT json_object('openings', openings, 'units', units, 'fen', fen) FROM state)))
	WHEN 'stock.level' THEN json_set(body, '$.levels[0].weight_mg', 7000000 + seq * 40503 % 999983, '$.levels[1].weight_mg', 9000000 + seq * 69621 % 999983)
	ELSE json_set(body, '$.visit', printf('%08x-%04x-7%03x-8%03x-%012x', seq * 2654435761 % 4294967296, seq * 40503 % 65536, seq * 69621 % 4096,
		seq * 16807 % 4096, seq * 6364136223 % 281474976710656)) END`

func (p *scene) backlog() int64 { return p.journalNumber(`SELECT last - acked FROM state`) }

func (p *scene) written() int64 { return p.journalNumber(`SELECT last FROM state`) }

func (p *scene) journalNumber(query string) int64 {
	edge := openDisk(p.t, p.box.folder(), journalFile)
	defer edge.close()
	return edge.number(query)
}

// arrivedInOrder asks the inbox whether each event arrived when all before it had.
func (p *scene) arrivedInOrder() {
	p.t.Helper()
	fleet := openDisk(p.t, p.service.folder(), fleetFile)
	defer fleet.close()
	if n := fleet.number(`SELECT count(*) FROM (SELECT at_ms, max(at_ms) OVER (ORDER BY seq ROWS UNBOUNDED PRECEDING) AS latest
		FROM inbox WHERE cabinet = ?) WHERE at_ms < latest`, p.box.id); n != 0 {
		p.t.Errorf("%d events arrived before one that is older", n)
	}
}
