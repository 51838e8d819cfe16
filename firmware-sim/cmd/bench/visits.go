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

// timings are the figures of visits that were timed.
func timings(all []timing, suffix, beside string) []figure {
	pulse, receipt := func(t timing) float64 { return t.scanToPulse }, func(t timing) float64 { return t.shutToReceipt }
	return []figure{
		atMost("scan_to_pulse"+suffix+"_p99_ms", percentile(all, 99, pulse), "ms", 100, fmt.Sprintf("median %.1f, %d visits; %s", percentile(all, 50, pulse), len(all), beside)),
		atMost("shut_to_receipt"+suffix+"_p99_ms", percentile(all, 99, receipt), "ms", 2000, fmt.Sprintf("median %.0f, %d visits; %s", percentile(all, 50, receipt), len(all), beside)),
	}
}

// everyCabinet lets one resident shop at each cabinet, all at once.
func everyCabinet(ctx context.Context, n *street.Neighbourhood) ([]timing, error) {
	var (
		mu   sync.Mutex
		all  []timing
		errs error
		wg   sync.WaitGroup
	)
	for i, cabinet := range n.Cabinets {
		wg.Go(func() {
			got, err := shopRepeatedly(ctx, n, i, cabinet)
			mu.Lock()
			defer mu.Unlock()
			all, errs = append(all, got...), errors.Join(errs, err)
		})
	}
	wg.Wait()
	return all, errs
}

func shopRepeatedly(ctx context.Context, n *street.Neighbourhood, number int, cabinet string) ([]timing, error) {
	r, err := phone.SignIn(ctx, n.Service, n.Sim, fmt.Sprintf("+86139%08d", number))
	if err != nil {
		return nil, err
	}
	var all []timing
	for range visitsTimed / len(n.Cabinets) {
		t, err := timedVisit(ctx, n, r, cabinet)
		if err != nil {
			return all, fmt.Errorf("cabinet %s, visit %d: %w", cabinet, len(all)+1, err)
		}
		all = append(all, t)
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
