package edge

import (
	"time"

	"allhours/protocol"
	"allhours/protocol/grant"
	"allhours/protocol/wire"
)

// Visit is a visit whose grant is burnt, or about to be: what must survive a power cut to settle it.
type Visit struct {
	ID           protocol.VisitID
	Compartment  protocol.Compartment
	Purpose      protocol.Purpose
	Subject      grant.Token
	Nonce        grant.Token
	NotBefore    time.Time // of the grant; the latest one seen is the floor of this cabinet's time
	Offline      bool      // the grant came from a QR code
	Own          bool      // the cabinet made the grant itself, for its technician: keys are numbered from 1
	PriceVersion uint32
	Limit        protocol.Fen
	Config       uint64        // version of the desired state that the visit is settled against
	Before       []wire.Weight // calm weight of each platform of the compartment
	Opened       bool          // the door was pulled
}

// VisitOf begins a visit from a grant that was checked.
func VisitOf(g grant.Grant) Visit {
	return Visit{
		ID: g.Visit, Compartment: g.Compartment, Purpose: g.Purpose, Subject: g.Subject, Nonce: g.Nonce, NotBefore: g.NotBefore,
		Offline: g.Challenge.IsZero(), Own: g.KeyID == 0, PriceVersion: g.PriceVersion, Limit: g.LimitFen,
	}
}

// Begun is the event of the visit's burning.
func (v Visit) Begun() wire.BegunBody {
	return wire.BegunBody{
		Visit: v.ID, Compartment: v.Compartment, Purpose: v.Purpose, Offline: v.Offline, Own: v.Own,
		PriceVersion: v.PriceVersion, Config: v.Config, Limit: v.Limit, Before: v.Before,
	}
}

// Book is how many units of each article lie on each platform, as far as the cabinet's own events tell.
type Book map[protocol.PlatformID]map[protocol.SKU]int

// Stop is a reason why a compartment does not sell; it holds across boots until it is taken back.
type Stop struct {
	Compartment protocol.Compartment
	Code        protocol.Code
	Detail      string
}

// Trouble is a platform that cannot be weighed, and how many visits its compartment had since.
type Trouble struct {
	Reason string // silent, stuck, overload
	Visits int
}
