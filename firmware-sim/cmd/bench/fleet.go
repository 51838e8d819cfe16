package main

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"time"

	"allhours/firmware-sim/street"
)

// The fleet that is measured, and for how long.
const (
	fleetCabinets = 10_000
	fleetWhole    = 3     // of the neighbourhood, with boards, two shelves and one of lanes: six would take half of two cores for themselves
	fleetRate     = 2_000 // events a second
	fleetVisits   = 5     // visits a second to cabinets of the swarm: some forty a day to each
	fleetWatched  = time.Minute
	fleetSettles  = 15 * time.Second
	fleetWrites   = 60 // seconds that it has written for before anybody comes to buy
	fleetJoins    = 10 * time.Minute
	fleetReturns  = 3 * time.Minute
	fleetLingers  = 30 // seconds that an event for which nobody waits stays with its cabinet at most
)

// measureFleet lets residents shop at a neighbourhood of whole cabinets, first alone, then beside a swarm of ten thousand that
// the same service serves.
func measureFleet(ctx context.Context, env environment) (figures []figure, err error) {
	n, stop, err := env.neighbourhood(ctx, fleetWhole)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, stop()) }()
	alone, err := everyCabinet(ctx, n)
	if err != nil {
		return nil, err
	}
	figures = timings(alone, "_alone", "no swarm")
	s, err := joined(ctx, env, n)
	if err != nil {
		return figures, err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	pid, err := n.PID("fleetd")
	if err != nil {
		return figures, err
	}
	if err := giveWay(pid, niceService); err != nil {
		return figures, err
	}
	crowd := startCrowd(ctx, n, s.cabinets)
	busy, err := underLoad(ctx, n, s, crowd)
	err = errors.Join(err, crowd.stop())
	figures = append(append(figures, busy...), crowd.notBilled())
	if err != nil {
		return figures, err
	}
	back, err := afterDeath(ctx, n, s)
	return append(figures, back...), err
}

// joined makes the swarm part of the fleet, and comes back when all of it is there.
func joined(ctx context.Context, env environment, n *street.Neighbourhood) (*swarm, error) {
	codes, cabinets, err := enrolSwarm(ctx, env.bin, n, fleetCabinets)
	if err != nil {
		return nil, err
	}
	s, err := startSwarm(env.bin, n, codes, cabinets, fleetRate)
	if err != nil {
		return nil, err
	}
	if _, err := s.until(ctx, fleetJoins, "all are there", func(c count) bool { return c.Ready == len(cabinets) && c.Connected == len(cabinets) }); err != nil {
		return nil, errors.Join(err, s.stop())
	}
	if err := pause(ctx, fleetSettles); err != nil {
		return nil, errors.Join(err, s.stop())
	}
	if _, err := s.until(ctx, fleetJoins, "what it wrote is acknowledged", func(c count) bool {
		return c.Written > fleetWrites*fleetRate && c.Written-c.Acked < fleetLingers*fleetRate
	}); err != nil {
		return nil, errors.Join(err, s.stop())
	}
	return s, nil
}

// underLoad is what the service takes, and how soon it answers, while the swarm writes and is visited.
func underLoad(ctx context.Context, n *street.Neighbourhood, s *swarm, crowd *crowd) ([]figure, error) {
	pid, err := n.PID("fleetd")
	if err != nil {
		return nil, err
	}
	before, began, first, visits := stat{}, time.Now(), s.now(), crowd.visits()
	if before, err = readStat(pid); err != nil {
		return nil, err
	}
	loadBefore, err := readStat(s.cmd.Process.Pid)
	if err != nil {
		return nil, err
	}
	timed, err := everyCabinet(ctx, n)
	if err != nil {
		return nil, err
	}
	if err := pause(ctx, fleetWatched-time.Since(began)); err != nil {
		return nil, err
	}
	after, err := readStat(pid)
	if err != nil {
		return nil, err
	}
	loadAfter, err := readStat(s.cmd.Process.Pid)
	if err != nil {
		return nil, err
	}
	took, last := time.Since(began).Seconds(), s.now()
	over := fmt.Sprintf("%d cabinets, %.0f events/s acknowledged of %d wanted, %.1f visits/s; the swarm takes %.0f %% of a core", fleetCabinets,
		float64(last.Acked-first.Acked)/took, fleetRate, float64(crowd.visits()-visits)/took, (loadAfter.cpu-loadBefore.cpu).Seconds()/took*100)
	return append(timings(timed, "", over),
		atMost("rss_mb", float64(after.rss)/(1<<20), "MB", 1000, over),
		atMost("cpu_pct", (after.cpu-before.cpu).Seconds()/took*100, "%", 100, over)), nil
}

// afterDeath kills the service with the broker in it, and waits until every cabinet is heard again.
func afterDeath(ctx context.Context, n *street.Neighbourhood, s *swarm) ([]figure, error) {
	pid, err := n.PID("fleetd")
	if err != nil {
		return nil, err
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		return nil, fmt.Errorf("kill fleetd: %w", err)
	}
	killed := time.Now()
	if _, err := s.until(ctx, time.Minute, "most notice", func(c count) bool { return c.Connected < len(s.cabinets)/2 }); err != nil {
		return nil, err
	}
	if _, err := s.until(ctx, fleetReturns, "all are back", func(c count) bool { return c.Connected == len(s.cabinets) }); err != nil {
		return nil, err
	}
	return []figure{atMost("back_s", time.Since(killed).Seconds(), "s", 60,
		fmt.Sprintf("%d cabinets heard and answered after fleetd was killed with its broker; it is started again within a second", len(s.cabinets)))}, nil
}
