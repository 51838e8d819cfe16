package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
	"time"

	"allhours/firmware-sim/phone"
	"allhours/firmware-sim/street"
)

// visitsTimed is enough for a 99th percentile, and short enough for a coffee.
const visitsTimed = 120

// timing is what one visit took, in milliseconds.
type timing struct {
	scanToPulse   float64 // request sent to pulse command complete at the board
	shutToReceipt float64 // door shut to the bill readable on the phone
}

// timings are the figures of visits that were timed, and how many of them ended otherwise than billed: where one does, the
// others' times are still worth knowing.
func timings(all visited, suffix, beside string) []figure {
	pulse, receipt := func(t timing) float64 { return t.scanToPulse }, func(t timing) float64 { return t.shutToReceipt }
	of := fmt.Sprintf("%d visits; %s", len(all.timed), beside)
	return []figure{
		atMost("scan_to_pulse"+suffix+"_p99_ms", percentile(all.timed, 99, pulse), "ms", 100, fmt.Sprintf("median %.1f, %s", percentile(all.timed, 50, pulse), of)),
		atMost("shut_to_receipt"+suffix+"_p99_ms", percentile(all.timed, 99, receipt), "ms", 2000, fmt.Sprintf("median %.0f, %s", percentile(all.timed, 50, receipt), of)),
		atMost("not_billed"+suffix, float64(len(all.failed)), "", 0, notBilled(all)),
	}
}

// notBilled says of how many, and why the first of them was not.
func notBilled(all visited) string {
	of := fmt.Sprintf("of %d visits", len(all.timed)+len(all.failed))
	if len(all.failed) == 0 {
		return of
	}
	return fmt.Sprintf("%s, the first: %.300v", of, all.failed[0])
}

// visited is what became of visits.
type visited struct {
	timed  []timing
	failed []error
}

// everyCabinet lets one resident shop at each cabinet, all at once.
func everyCabinet(ctx context.Context, n *street.Neighbourhood) (all visited, err error) {
	var (
		mu sync.Mutex
		wg sync.WaitGroup
	)
	for i, cabinet := range n.Cabinets {
		wg.Go(func() {
			got, failed := shopRepeatedly(ctx, n, i, cabinet)
			mu.Lock()
			defer mu.Unlock()
			all.timed, all.failed = append(all.timed, got.timed...), append(all.failed, got.failed...)
			err = errors.Join(err, failed)
		})
	}
	wg.Wait()
	return all, err
}

// shopRepeatedly goes on after a visit that failed, as the next resident would.
func shopRepeatedly(ctx context.Context, n *street.Neighbourhood, number int, cabinet string) (all visited, err error) {
	r, err := phone.SignIn(ctx, n.Service, n.Sim, fmt.Sprintf("+86139%08d", number))
	if err != nil {
		return all, err
	}
	for visit := range visitsTimed / len(n.Cabinets) {
		t, err := timedVisit(ctx, n, r, cabinet)
		if ctx.Err() != nil {
			return all, ctx.Err()
		}
		if err != nil {
			all.failed = append(all.failed, fmt.Errorf("cabinet %s, visit %d: %w", cabinet, visit+1, err))
			continue
		}
		all.timed = append(all.timed, t)
	}
	return all, nil
}

// timedVisit takes one unit of whatever the cabinet still has and waits for the bill.
func timedVisit(ctx context.Context, n *street.Neighbourhood, r *phone.Resident, cabinet string) (timing, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	shelf, err := n.Truth(ctx, cabinet)
	if err != nil {
		return timing{}, err
	}
	platform, sku := shelf.Fullest()
	asked := time.Now()
	v, err := r.Open(ctx, cabinet)
	if err != nil {
		return timing{}, err
	}
	if err := r.Shop(ctx, cabinet, phone.Action{Do: "pull"}, phone.Action{Do: "take", Platform: platform, SKU: sku, Qty: 1, AfterMS: 800}); err != nil {
		return timing{}, err
	}
	if shelf, err = n.Truth(ctx, cabinet); err != nil {
		return timing{}, err
	}
	pulsed, err := shelf.LastPulse()
	if err != nil {
		return timing{}, err
	}
	if err := r.Shop(ctx, cabinet, phone.Action{Do: "shut", AfterMS: 800}); err != nil {
		return timing{}, err
	}
	shut := time.Now()
	v, err = r.Receipt(ctx, v.ID)
	if err != nil {
		return timing{}, err
	}
	if v.State != "charged" || len(v.Lines) != 1 || v.Lines[0].SKU != sku || v.Lines[0].Qty != 1 {
		return timing{}, fmt.Errorf("took one %s from %s, and the visit %s ended as %s with %+v", sku, platform, v.ID, v.State, v.Lines)
	}
	return timing{
		scanToPulse:   float64(pulsed.Sub(asked).Microseconds()) / 1000,
		shutToReceipt: float64(time.Since(shut).Microseconds()) / 1000,
	}, nil
}

// percentile gives the nearest-rank percentile of one value over all visits.
func percentile(all []timing, p float64, value func(timing) float64) float64 {
	if len(all) == 0 {
		return math.NaN()
	}
	var values []float64
	for _, t := range all {
		values = append(values, value(t))
	}
	slices.Sort(values)
	return values[int(math.Ceil(p/100*float64(len(values))))-1]
}
