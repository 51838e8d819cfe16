package server

import (
	"context"

	"allhours/cloud"
	"allhours/protocol"
)

// SetAside lists events that were set aside, the oldest first; an empty cabinet means any.
func (a *Admin) SetAside(ctx context.Context, cabinet protocol.CabinetID, limit int) (all []cloud.SetAside, err error) {
	err = a.db.View(ctx, func(tx cloud.Tx) error {
		all, err = tx.Quarantine.List(cabinet, limit)
		return err
	})
	return all, err
}

// FindAside lists what was set aside under one key.
func (a *Admin) FindAside(ctx context.Context, key cloud.AsideKey) (all []cloud.SetAside, err error) {
	err = a.db.View(ctx, func(tx cloud.Tx) error {
		all, err = tx.Quarantine.Find(key)
		return err
	})
	return all, err
}

// Replay takes an event that was set aside through its steps again. A running server moves the money that it asks for
// within a minute.
func (a *Admin) Replay(ctx context.Context, key cloud.AsideKey, by string) error {
	return a.core.Replay(ctx, key, by)
}

// Dismiss ends the case of an event that was set aside.
func (a *Admin) Dismiss(ctx context.Context, key cloud.AsideKey, by string) error {
	return a.core.Dismiss(ctx, key, by)
}
