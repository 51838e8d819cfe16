package core

import (
	"context"
	"errors"

	"allhours/cloud/internal/desired"
	"allhours/cloud/internal/task"
	"allhours/cloud/internal/visit"
	"allhours/protocol"
	"allhours/protocol/wire"
)

// talk brings what a cabinet says to whoever asked it.
type talk struct {
	*visit.Service
	tasks *task.Service
}

// Reply takes an answer to a command; its id tells whose it is.
func (t talk) Reply(ctx context.Context, cabinet protocol.CabinetID, r wire.Reply) error {
	return errors.Join(t.tasks.Reply(ctx, cabinet, r), t.Service.Reply(ctx, cabinet, r))
}

// greeter sends a cabinet that has just connected what it lacks.
type greeter struct {
	desired *desired.Service
	tasks   *task.Service
}

// Greet brings the desired state first: a task may be about it.
func (g greeter) Greet(ctx context.Context, cabinet protocol.CabinetID, applied wire.ConfigVersion) error {
	return errors.Join(g.desired.Greet(ctx, cabinet, applied), g.tasks.Greet(ctx, cabinet))
}
