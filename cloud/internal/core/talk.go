package core

import (
	"context"

	"allhours/cloud/internal/food"
	"allhours/cloud/internal/visit"
	"allhours/protocol"
	"allhours/protocol/wire"
)

// talk brings what a cabinet says to whoever asked it.
type talk struct {
	*visit.Service
	food *food.Service
}

// Reply takes an answer to a command; its id tells whose it is.
func (t talk) Reply(ctx context.Context, cabinet protocol.CabinetID, r wire.Reply) error {
	t.food.Reply(cabinet, r)
	return t.Service.Reply(ctx, cabinet, r)
}
