package task

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"allhours/cloud"
	"allhours/protocol"
	"allhours/protocol/topic"
	"allhours/protocol/wire"
)

// sendMost bounds the tasks that one look sends.
const sendMost = 1000

// notYet are answers of a cabinet that says nothing of the task itself: it is sent again.
var notYet = map[protocol.Code]bool{protocol.CodeTimeUnknown: true, protocol.CodeStaleChallenge: true, protocol.CodeBusy: true}

// Run sends again what was not answered, until ctx ends.
func (s *Service) Run(ctx context.Context) {
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-look.C:
			if err := s.sendWaiting(ctx, "", againAfter); err != nil && ctx.Err() == nil {
				s.Logger.Error("tasks", "error", err)
			}
			s.forgetExpired()
		}
	}
}

// Greet sends a cabinet that has just connected what waits for it.
func (s *Service) Greet(ctx context.Context, cabinet protocol.CabinetID) error {
	return s.sendWaiting(ctx, cabinet, 0)
}

// sendWaiting sends the tasks on which nothing was heard for so long.
func (s *Service) sendWaiting(ctx context.Context, cabinet protocol.CabinetID, silent time.Duration) error {
	var waiting []cloud.Task
	if err := s.DB.View(ctx, func(tx cloud.Tx) (err error) {
		waiting, err = tx.Tasks.List(cabinet, s.Now(), sendMost)
		return err
	}); err != nil {
		return fmt.Errorf("tasks that wait: %w", err)
	}
	for _, t := range slices.Backward(waiting) { // The oldest first: one may build on the one before.
		o := s.of(t)
		s.mu.Lock()
		due := s.Now().Sub(o.sent) >= silent
		s.mu.Unlock()
		if due {
			s.send(ctx, t)
		}
	}
	return nil
}

// send seals a task for the connection that is up, asking for what follows the parts that are here. What is not sent is sent
// by a later look.
func (s *Service) send(ctx context.Context, t cloud.Task) {
	p := s.Presence.Of(t.Cabinet)
	if p.State(s.Now(), false) == cloud.CabinetAway && !p.Connected {
		return
	}
	o := s.of(t)
	s.mu.Lock()
	o.sent = s.Now()
	offset := len(o.parts)
	s.mu.Unlock()
	if err := s.publish(ctx, t, p.Challenge, offset); err != nil {
		s.Logger.Warn("task was not sent", "cabinet", t.Cabinet, "kind", t.Kind, "task", t.ID, "error", err)
	}
}

func (s *Service) publish(ctx context.Context, t cloud.Task, challenge [16]byte, offset int) error {
	var cabinet cloud.Cabinet
	if err := s.DB.View(ctx, func(tx cloud.Tx) (err error) {
		cabinet, err = tx.Cabinets.Find(t.Cabinet)
		return err
	}); err != nil {
		return err
	}
	sealed, err := wire.Seal(wire.KindTask, s.Signer, wire.Task{
		V: wire.Version, Cabinet: t.Cabinet, ID: t.ID, Challenge: challenge[:], Expires: t.Expires.UnixMilli(), Kind: t.Kind, By: t.By,
		Args: t.Args, Offset: offset,
	})
	if err != nil {
		return err
	}
	payload, err := wire.Encode(wire.Command{
		V: wire.Version, ID: t.ID, Cabinet: t.Cabinet, Kind: wire.CommandTask, Expires: t.Expires.UnixMilli(), Task: sealed,
	})
	if err != nil {
		return err
	}
	return s.Publisher.Publish(ctx, topic.Address{Shard: cabinet.Shard, Cabinet: t.Cabinet}, topic.Command, payload)
}

// Reply takes a cabinet's answer to a command, where it is one to a task that is under way here.
func (s *Service) Reply(ctx context.Context, cabinet protocol.CabinetID, r wire.Reply) error {
	s.mu.Lock()
	_, known := s.open[r.ID]
	s.mu.Unlock()
	if !known || notYet[r.Code] && r.Code != protocol.CodeBusy {
		return nil
	}
	t, err := s.Task(ctx, r.ID)
	if err != nil || t.Cabinet != cabinet || !t.Done.IsZero() {
		return err
	}
	if err := s.reach(ctx, t); err != nil || notYet[r.Code] {
		return err
	}
	if r.Code == protocol.CodeMalformed && s.beginAnew(t.ID) {
		s.send(ctx, t)
		return nil
	}
	if r.Code != protocol.CodeOK {
		return s.end(ctx, t, r.Code, r.Detail, nil)
	}
	if r.Part == nil {
		return s.end(ctx, t, r.Code, "", nil)
	}
	packed, whole, err := s.join(t, *r.Part)
	if err != nil {
		return s.end(ctx, t, protocol.CodeMalformed, err.Error(), nil)
	}
	if !whole {
		s.send(ctx, t)
		return nil
	}
	return s.end(ctx, t, r.Code, "", packed)
}

// reach notes that the cabinet has a task.
func (s *Service) reach(ctx context.Context, t cloud.Task) error {
	if !t.Reached.IsZero() {
		return nil
	}
	if err := s.DB.Update(context.WithoutCancel(ctx), func(tx cloud.Tx) error { return tx.Tasks.Reach(t.ID, s.Now()) }); err != nil {
		return err
	}
	s.Hub.FleetChanged()
	return nil
}

// beginAnew drops the parts that are here, and reports whether there were any: a result that was made anew may end before
// what was asked for.
func (s *Service) beginAnew(id protocol.UUID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.open[id]
	if o == nil || len(o.parts) == 0 {
		return false
	}
	o.sum, o.parts = nil, nil
	return true
}

// join adds a part to those that are here. A result that was made anew begins anew; a part that was asked for twice counts
// once.
func (s *Service) join(t cloud.Task, p wire.Part) (packed []byte, whole bool, err error) {
	o := s.of(t)
	s.mu.Lock()
	defer s.mu.Unlock()
	if p.Total <= 0 || p.Total > wire.MaxResult || len(p.Data) == 0 || len(p.Data) > wire.MaxPart || p.Offset < 0 || len(p.Data) > p.Total-p.Offset {
		return nil, false, fmt.Errorf("a part of %d bytes at %d of %d", len(p.Data), p.Offset, p.Total)
	}
	if !bytes.Equal(o.sum, p.Sum) {
		o.sum, o.parts = bytes.Clone(p.Sum), nil
	}
	if p.Offset == len(o.parts) {
		o.parts = append(o.parts, p.Data...)
	}
	if len(o.parts) < p.Total {
		return nil, false, nil
	}
	if sum := sha256.Sum256(o.parts); !bytes.Equal(sum[:], p.Sum) {
		return nil, false, fmt.Errorf("%d bytes have another sum", len(o.parts))
	}
	return o.parts, true, nil
}

// end keeps the answer. A recording goes where recordings are kept.
func (s *Service) end(ctx context.Context, t cloud.Task, code protocol.Code, detail string, packed []byte) error {
	if t.Kind == wire.TaskTrace && len(packed) > 0 {
		var args wire.TraceArgs
		if err := json.Unmarshal(t.Args, &args); err != nil {
			return fmt.Errorf("task %s: %w", t.ID, err)
		}
		if err := s.Traces.Keep(args.Visit, packed); err != nil {
			return fmt.Errorf("task %s: %w", t.ID, err)
		}
		packed = nil
	}
	err := s.DB.Update(context.WithoutCancel(ctx), func(tx cloud.Tx) error {
		return tx.Tasks.End(t.ID, code, detail, packed, s.Now())
	})
	if err != nil && protocol.CodeOf(err) != cloud.CodeConflict {
		return fmt.Errorf("task %s: %w", t.ID, err)
	}
	s.forget(t.ID)
	s.Hub.FleetChanged()
	return nil
}

func (s *Service) forget(id protocol.UUID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if o := s.open[id]; o != nil {
		close(o.ended)
		delete(s.open, id)
	}
}

// forgetExpired drops what is kept in memory of tasks that are sent no more.
func (s *Service) forgetExpired() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, o := range s.open {
		if s.Now().After(o.expires) {
			close(o.ended)
			delete(s.open, id)
		}
	}
}
