// Package crash kills the built programs with SIGKILL at each step of a visit, lets the town start them again, and looks
// at what is left: one outcome, billed once or not at all, and a cabinet that sells again.
package crash

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	_ "github.com/mattn/go-sqlite3" // reads the service's books behind its back

	"allhours/firmware-sim/phone"
	"allhours/firmware-sim/street"
)

// moment is a step of a visit, named by what has just happened when the program dies.
type moment int

const (
	askedToOpen moment = iota
	doorPulled
	goodsTaken
	doorShut
	billed
	moments
)

func (m moment) String() string {
	return [...]string{"asked to open", "door pulled", "goods taken", "door shut", "billed"}[m]
}

// victim is a program that dies.
type victim string

const (
	agent  victim = "agent"
	fleetd victim = "fleetd"
)

func TestCrashAtEachStepOfAVisitLeavesOneOutcome(t *testing.T) {
	seed := time.Now().UnixNano()
	if text := os.Getenv("CRASH_SEED"); text != "" {
		var err error
		if seed, err = strconv.ParseInt(text, 10, 64); err != nil {
			t.Fatalf("CRASH_SEED: %v", err)
		}
	}
	t.Logf("repeat with: make crash CRASH_SEED=%d", seed)
	rounds := 1
	if os.Getenv("CRASH_ALL") != "" {
		rounds = 10
	}
	dir := t.TempDir()
	n := startStreet(t, dir)
	for _, v := range []victim{agent, fleetd} {
		for round := range rounds {
			t.Run(fmt.Sprintf("%s round %d", v, round+1), func(t *testing.T) { killAtEachMoment(t, n, dir, v, seed+int64(round)) })
		}
	}
}

// killAtEachMoment gives each moment a cabinet of its own. Agents die side by side; there is only one fleetd, so its
// deaths come one after the other.
func killAtEachMoment(t *testing.T, n *street.Neighbourhood, dir string, v victim, seed int64) {
	var wg sync.WaitGroup
	for m := range moments {
		c := scene{
			t: t, street: n, books: filepath.Join(dir, "run", "fleet.db"), cabinet: n.Cabinets[int(m)%len(n.Cabinets)], victim: v, moment: m,
			rng: rand.New(rand.NewPCG(uint64(seed), uint64(m))),
		}
		if v == fleetd {
			c.play()
			continue
		}
		wg.Go(c.play)
	}
	wg.Wait()
}

func startStreet(t *testing.T, dir string) *street.Neighbourhood {
	t.Helper()
	bin, err := filepath.Abs("../../../bin")
	if err != nil {
		t.Fatal(err)
	}
	n, err := street.Start(t.Context(), street.Options{Bin: bin, Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.Stop(); err != nil {
			t.Error(err)
		}
	})
	return n
}

// scene is one visit to one cabinet during which one program dies once.
type scene struct {
	t       *testing.T
	street  *street.Neighbourhood
	books   string // the service's database
	cabinet string
	victim  victim
	moment  moment
	rng     *rand.Rand
}

func (s scene) play() {
	ctx, cancel := context.WithTimeout(s.t.Context(), 2*time.Minute)
	defer cancel()
	if err := s.visitWithDeath(ctx); err != nil {
		s.t.Errorf("%s dies after %q at %s: %v", s.victim, s.moment, s.cabinet, err)
		return
	}
	if err := s.ordinaryVisit(ctx); err != nil {
		s.t.Errorf("%s died after %q at %s, and the next visit: %v", s.victim, s.moment, s.cabinet, err)
	}
}

func (s scene) resident(ctx context.Context) (*phone.Resident, error) {
	return phone.SignIn(ctx, s.street.Service, s.street.Sim, fmt.Sprintf("+86138%08d", s.rng.IntN(1e8)))
}

// visitWithDeath plays a visit move by move. The person at the cabinet goes on whatever the programs do: a latch that was
// never released answers the pull with a problem, and then nothing can be taken.
func (s scene) visitWithDeath(ctx context.Context) error {
	if err := s.street.WaitUntilSells(ctx, s.cabinet); err != nil { // An earlier death took every cabinet's line with it.
		return err
	}
	r, err := s.resident(ctx)
	if err != nil {
		return err
	}
	before, err := s.street.Truth(ctx, s.cabinet)
	if err != nil {
		return err
	}
	v, err := r.Open(ctx, s.cabinet)
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	s.dieAt(askedToOpen)
	platform, sku := before.Fullest()
	pulled := r.Shop(ctx, s.cabinet, phone.Action{Do: "pull"}) == nil
	if pulled {
		s.dieAt(doorPulled)
		if err := r.Shop(ctx, s.cabinet, phone.Action{Do: "take", Platform: platform, SKU: sku, Qty: 1, AfterMS: 900}); err != nil {
			return err
		}
		s.dieAt(goodsTaken)
		if err := r.Shop(ctx, s.cabinet, phone.Action{Do: "shut", AfterMS: 900}); err != nil {
			return err
		}
		s.dieAt(doorShut)
	}
	return s.judge(ctx, r, v.ID, before, pulled)
}

func (s scene) judge(ctx context.Context, r *phone.Resident, visit string, before street.Truth, pulled bool) error {
	end, err := s.outcome(ctx, r, visit)
	if err != nil {
		return err
	}
	s.dieAt(billed)
	after, err := s.street.Truth(ctx, s.cabinet)
	if err != nil {
		return err
	}
	taken := street.Taken(before, after)
	switch {
	case end.State == "review": // A human decides; nothing is charged before.
	case end.State == "aborted" && len(taken) == 0:
	case end.State == "charged" && pulled && phone.SameLines(end.Lines, taken):
	default:
		return fmt.Errorf("visit %s ended as %s with %v, truth: pulled %v, taken %v", visit, end.State, end.Lines, pulled, taken)
	}
	again, err := s.outcome(ctx, r, visit)
	if err != nil {
		return err
	}
	if again.State != end.State || again.Total != end.Total {
		return fmt.Errorf("visit %s was %s %d fen, and later %s %d fen", visit, end.State, end.Total, again.State, again.Total)
	}
	return nil
}

// outcome waits for the end of a visit, through the times when the service is away.
func (s scene) outcome(ctx context.Context, r *phone.Resident, visit string) (phone.Visit, error) {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		v, err := r.Look(ctx, visit)
		if err == nil && v.Ended() {
			return v, nil
		}
		select {
		case <-ctx.Done():
			return v, fmt.Errorf("visit %s has no outcome, last seen %q, %v", visit, v.State, err)
		case <-tick.C:
		}
	}
}

func (s scene) dieAt(m moment) {
	if m != s.moment {
		return
	}
	name := string(s.victim)
	if s.victim == agent {
		name += "-" + s.cabinet
	}
	pid, err := s.street.PID(name)
	if err != nil {
		s.t.Error(err)
		return
	}
	// A death at a random point of the next moment meets other code each time.
	<-time.After(time.Duration(s.rng.IntN(150)) * time.Millisecond)
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		s.t.Errorf("kill %s: %v", name, err)
	}
}

// tries is how often a resident presses the button: on a machine that is late a lock's answer may be lost, and then the
// visit ends uncharged, as it should.
const tries = 3

// ordinaryVisit shows that the cabinet sells again.
func (s scene) ordinaryVisit(ctx context.Context) error {
	for range tries {
		v, bought, err := s.buyOne(ctx)
		if err != nil {
			return err
		}
		if v.State == "aborted" && len(bought) == 0 {
			continue
		}
		if v.State != "charged" || len(bought) != 1 || !phone.SameLines(v.Lines, bought) {
			return fmt.Errorf("took %v, and the visit ended as %s with %v: %s", bought, v.State, v.Lines, s.evidence(v.ID))
		}
		return nil
	}
	return fmt.Errorf("the door did not open %d times", tries)
}

// evidence is what the cabinet told of a visit, for whoever reads why it failed.
func (s scene) evidence(visit string) string {
	db, err := sql.Open("sqlite3", "file:"+s.books+"?mode=ro&_busy_timeout=5000")
	if err != nil {
		return err.Error()
	}
	defer db.Close()
	var told sql.NullString
	if err := db.QueryRow(`SELECT group_concat(event, char(10)) FROM inbox WHERE json_extract(event, '$.body.visit') = ?`, visit).Scan(&told); err != nil {
		return err.Error()
	}
	return "\n" + told.String
}

// open presses the button until the cabinet is back: for a while after its death the service may still believe in it.
func (s scene) open(ctx context.Context, r *phone.Resident) (phone.Visit, error) {
	for {
		v, err := r.Open(ctx, s.cabinet)
		var away *phone.Problem
		if !errors.As(err, &away) || !strings.HasSuffix(away.Type, "/cabinet_away") {
			return v, err
		}
		if err := s.street.WaitUntilSells(ctx, s.cabinet); err != nil {
			return v, err
		}
		select {
		case <-ctx.Done():
			return v, err
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// buyOne takes one unit of what there is most of, and tells how the visit ended and what really left the cabinet.
func (s scene) buyOne(ctx context.Context) (v phone.Visit, bought []phone.Line, err error) {
	if err := s.street.WaitUntilSells(ctx, s.cabinet); err != nil {
		return v, nil, err
	}
	r, err := s.resident(ctx)
	if err != nil {
		return v, nil, err
	}
	before, err := s.street.Truth(ctx, s.cabinet)
	if err != nil {
		return v, nil, err
	}
	if v, err = s.open(ctx, r); err != nil {
		return v, nil, err
	}
	platform, sku := before.Fullest()
	refused := s.pull(ctx, r, v.ID)
	if refused == nil {
		refused = r.Shop(ctx, s.cabinet, phone.Action{Do: "take", Platform: platform, SKU: sku, Qty: 1, AfterMS: 900}, phone.Action{Do: "shut", AfterMS: 900})
	}
	if v, err = s.outcome(ctx, r, v.ID); err != nil {
		return v, nil, errors.Join(err, refused)
	}
	after, err := s.street.Truth(ctx, s.cabinet)
	return v, street.Taken(before, after), err
}

// pull opens the door, which gives by itself once the cabinet is back. Where it does not the phone may show a code by then, which is
// held before the reader.
func (s scene) pull(ctx context.Context, r *phone.Resident, visit string) error {
	for {
		refused := r.Shop(ctx, s.cabinet, phone.Action{Do: "pull"})
		if refused == nil {
			return nil
		}
		v, err := r.Look(ctx, visit)
		if err != nil || v.Pass == "" {
			return errors.Join(refused, err)
		}
		if err := r.Show(ctx, s.cabinet, v.Pass); err != nil {
			return err
		}
	}
}
