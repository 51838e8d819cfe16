package cloud

import (
	"context"

	"allhours/protocol"
)

// Looking asks cabinets to tell more often how they stand, while somebody looks at them.
type Looking interface {
	// Look asks a cabinet for a word each second, for as long as wire.LookFor; asked again within half of that it does nothing,
	// and so it does where too many are looked at, or where the cabinet is away.
	Look(ctx context.Context, cabinet protocol.CabinetID) error
}
