package cloud

import (
	"context"

	"allhours/protocol"
)

// RoundChores tells what is to be done at a cabinet beside filling it.
type RoundChores interface {
	// Chores are those of a cabinet that a round visits; CodeNotFound, CodeNotAStop.
	Chores(ctx context.Context, round protocol.UUID, cabinet protocol.CabinetID) (StopChores, error)
}

// StopChores is what is to be done at a cabinet beside filling it.
type StopChores struct {
	Strays []Astray
	Tags   []PriceTag
	Dirty  []protocol.PlatformID // something has leaked there since it was filled last
}

// Astray is goods that lie where they do not belong, to be brought home.
type Astray struct {
	Platform protocol.PlatformID
	SKU      protocol.SKU
	Units    int
}

// PriceTag is a price that is another one than when the cabinet was filled last.
type PriceTag struct {
	SKU protocol.SKU
	Was protocol.Fen
	Is  protocol.Fen
}
