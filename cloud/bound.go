package cloud

import (
	"context"
	"slices"
	"strings"

	"allhours/protocol"
)

// Bound is the stores that somebody of the staff is limited to: their ids in order, with a space between them. Empty is no limit.
type Bound string

// BoundTo is the limit to some stores.
func BoundTo(stores ...StoreID) Bound {
	names := make([]string, len(stores))
	for i, s := range stores {
		names[i] = string(s)
	}
	slices.Sort(names)
	return Bound(strings.Join(slices.Compact(names), " "))
}

// Stores are those stores; none where there is no limit.
func (b Bound) Stores() []StoreID {
	names := strings.Fields(string(b))
	stores := make([]StoreID, len(names))
	for i, n := range names {
		stores[i] = StoreID(n)
	}
	return stores
}

// Holds reports whether a store is within the limit.
func (b Bound) Holds(store StoreID) bool { return b == "" || slices.Contains(b.Stores(), store) }

// Within reports whether whoever has this limit reaches nothing that another one does not.
func (b Bound) Within(other Bound) bool {
	if other == "" || b == "" {
		return other == ""
	}
	return !slices.ContainsFunc(b.Stores(), func(s StoreID) bool { return !other.Holds(s) })
}

// CanBeBound reports the roles whose members may be limited to stores. The others see to the whole chain by what they are.
func CanBeBound(r protocol.Role) bool {
	return r == protocol.RoleManager || r == protocol.RoleRestocker
}

// PlaceKind is what something is that lies in a store.
type PlaceKind string

// Those kinds.
const (
	PlaceStore    PlaceKind = "store"
	PlaceCabinet  PlaceKind = "cabinet"
	PlaceVisit    PlaceKind = "visit"
	PlaceIncident PlaceKind = "incident"
	PlaceRound    PlaceKind = "round"
	PlaceDispute  PlaceKind = "dispute"
	PlaceDraft    PlaceKind = "draft"
)

// Places tells which store something is of now.
type Places interface {
	// StoreOf has the thing's own code, or CodeNotFound, where there is no such thing.
	StoreOf(ctx context.Context, kind PlaceKind, id string) (StoreID, error)
}
