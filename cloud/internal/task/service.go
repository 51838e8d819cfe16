// Package task asks cabinets for what they tell only when they are asked, and brings their answers back part by part. What
// was asked is in the database, and is sent again until it is answered or its time is over; nothing is pushed unasked.
package task

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/presence"
	"allhours/cloud/internal/watch"
	"allhours/protocol"
	"allhours/protocol/grant"
	"allhours/protocol/topic"
	"allhours/protocol/wire"
)

// Times of tasks.
const (
	lookEvery   = 5 * time.Second
	againAfter  = 20 * time.Second // without a word on a task, it is sent again
	defaultLife = time.Hour
	shortLife   = time.Minute // of what has an effect: nobody may stand there any more when it comes late
	restartLife = 15 * time.Minute
)

// waitAtMost bounds the tasks of one cabinet that wait at the same time.
const waitAtMost = 8

// Publisher sends one message to a cabinet; it does not wait for the cabinet.
type Publisher interface {
	Publish(ctx context.Context, to topic.Address, ch topic.Channel, payload []byte) error
}

// Traces keeps the recordings of visits that were fetched.
type Traces interface {
	Keep(visit protocol.VisitID, packed []byte) error
	// Fetch has cloud.CodeNotFound where none is kept.
	Fetch(visit protocol.VisitID) ([]byte, error)
	Has(visit protocol.VisitID) (bool, error)
}

// Options are what the service stands on; all are needed.
type Options struct {
	DB        cloud.DB
	Publisher Publisher
	Signer    grant.Signer
	Presence  *presence.Book
	Traces    Traces
	Hub       *watch.Hub
	Now       func() time.Time
	NewID     func() protocol.UUID
	Logger    *slog.Logger
}

// Service implements cloud.Tasks.
type Service struct {
	Options
	mu   sync.Mutex
	open map[protocol.UUID]*open
}

// open is a task that is under way, as far as this process has heard of it.
type open struct {
	expires time.Time
	sent    time.Time
	sum     []byte
	parts   []byte
	ended   chan struct{}
}

// New makes a service; Run sends again what is not answered.
func New(o Options) *Service { return &Service{Options: o, open: make(map[protocol.UUID]*open)} }

// Ask implements cloud.Tasks.
func (s *Service) Ask(ctx context.Context, a cloud.AskTask) (cloud.Task, error) {
	args, err := json.Marshal(a.Args)
	if err != nil {
		return cloud.Task{}, fmt.Errorf("ask %s: %w", a.Kind, err)
	}
	if a.By == "" || len(a.By) > wire.MaxWhy {
		return cloud.Task{}, protocol.Errorf(protocol.CodeMalformed, "by: want who asks")
	}
	if a.Life == 0 {
		a.Life = lifeOf(a.Kind)
	}
	t := cloud.Task{
		ID: s.NewID(), Cabinet: a.Cabinet, Kind: a.Kind, Args: args, By: a.By, Asked: s.Now(), Expires: s.Now().Add(a.Life),
	}
	if err := s.DB.Update(ctx, func(tx cloud.Tx) error { return s.add(tx, t) }); err != nil {
		return cloud.Task{}, fmt.Errorf("ask %s: %w", a.Kind, err)
	}
	s.send(ctx, t)
	s.Hub.FleetChanged()
	return t, nil
}

func lifeOf(k wire.TaskKind) time.Duration {
	switch k {
	case wire.TaskAttest, wire.TaskCalibrate:
		return shortLife
	case wire.TaskRestart: // It waits for a visit under way.
		return restartLife
	}
	return defaultLife
}

func (s *Service) add(tx cloud.Tx, t cloud.Task) error {
	if _, err := tx.Cabinets.Find(t.Cabinet); err != nil {
		return err
	}
	waiting, err := tx.Tasks.List(t.Cabinet, t.Asked, waitAtMost)
	if err != nil {
		return err
	}
	if len(waiting) == waitAtMost {
		return protocol.Errorf(cloud.CodeTooMany, "%d tasks wait for %s", waitAtMost, t.Cabinet)
	}
	return tx.Tasks.Add(t)
}

// Task implements cloud.Tasks.
func (s *Service) Task(ctx context.Context, id protocol.UUID) (t cloud.Task, err error) {
	err = s.DB.View(ctx, func(tx cloud.Tx) (err error) {
		t, err = tx.Tasks.Find(id)
		return err
	})
	return t, err
}

// Latest implements cloud.Tasks.
func (s *Service) Latest(ctx context.Context, cabinet protocol.CabinetID, limit int) (all []cloud.Task, err error) {
	err = s.DB.View(ctx, func(tx cloud.Tx) (err error) {
		all, err = tx.Tasks.List(cabinet, time.Time{}, limit)
		return err
	})
	return all, err
}

// Result implements cloud.Tasks.
func (s *Service) Result(ctx context.Context, id protocol.UUID) (packed []byte, err error) {
	err = s.DB.View(ctx, func(tx cloud.Tx) (err error) {
		packed, err = tx.Tasks.Result(id)
		return err
	})
	return packed, err
}

// Trace implements cloud.Tasks.
func (s *Service) Trace(_ context.Context, visit protocol.VisitID) ([]byte, error) {
	return s.Traces.Fetch(visit)
}

// HasTrace implements cloud.Tasks.
func (s *Service) HasTrace(_ context.Context, visit protocol.VisitID) (bool, error) {
	return s.Traces.Has(visit)
}

// Wait gives a task as it is when it has ended, or ctx has.
func (s *Service) Wait(ctx context.Context, t cloud.Task) (cloud.Task, error) {
	o := s.of(t)
	if now, err := s.Task(ctx, t.ID); err != nil || !now.Done.IsZero() {
		return now, err
	}
	select {
	case <-o.ended:
	case <-ctx.Done():
	}
	return s.Task(context.WithoutCancel(ctx), t.ID)
}

// of is what is known of a task that is not done.
func (s *Service) of(t cloud.Task) *open {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.open[t.ID]
	if o == nil {
		o = &open{expires: t.Expires, ended: make(chan struct{})}
		s.open[t.ID] = o
	}
	return o
}
