package cloud

import (
	"slices"
	"time"

	"allhours/protocol"
)

// Urgency is whether somebody is woken for an incident.
type Urgency string

// A page goes out at once, at any hour; a ticket waits for the morning.
const (
	UrgencyPage   Urgency = "page"
	UrgencyTicket Urgency = "ticket"
)

// IncidentCause is why an incident was, as whoever closed it found.
type IncidentCause string

// The causes that there are; each kind has some of them, and all have the last two.
const (
	CausePower      IncidentCause = "power"
	CauseNetwork    IncidentCause = "network"
	CauseHardware   IncidentCause = "hardware"
	CauseCard       IncidentCause = "card"
	CauseGoods      IncidentCause = "goods" // lay wrong, jammed, ran out, were of another packaging
	CauseResident   IncidentCause = "resident"
	CauseStaff      IncidentCause = "staff"
	CauseForce      IncidentCause = "force"
	CauseData       IncidentCause = "data" // master data, prices or plans were wrong
	CauseSoftware   IncidentCause = "software"
	CauseProvider   IncidentCause = "provider"
	CauseDemand     IncidentCause = "demand" // nobody came
	CauseFalseAlarm IncidentCause = "false_alarm"
	CauseOther      IncidentCause = "other" // in words
)

// IncidentWordsMax is how many characters a note may have.
const IncidentWordsMax = 500

// IncidentCauses are all that there are.
func IncidentCauses() []IncidentCause {
	return []IncidentCause{
		CausePower, CauseNetwork, CauseHardware, CauseCard, CauseGoods, CauseResident, CauseStaff, CauseForce, CauseData, CauseSoftware,
		CauseProvider, CauseDemand, CauseFalseAlarm, CauseOther,
	}
}

// IncidentCare is how a kind of incidents is looked after.
type IncidentCare struct {
	Urgency  Urgency
	Escalate time.Duration // after it, one that nobody acknowledged is told again
	Role     protocol.Role // who looks first
	Causes   []IncidentCause
}

// Care is the one table of how kinds are looked after.
func (k IncidentKind) Care() IncidentCare {
	page := func(role protocol.Role, after time.Duration, causes ...IncidentCause) IncidentCare {
		return IncidentCare{UrgencyPage, after, role, append(causes, CauseFalseAlarm, CauseOther)}
	}
	ticket := func(role protocol.Role, causes ...IncidentCause) IncidentCare {
		return IncidentCare{UrgencyTicket, 24 * time.Hour, role, append(causes, CauseFalseAlarm, CauseOther)}
	}
	const technician, manager, support, restocker = protocol.RoleTechnician, protocol.RoleManager, protocol.RoleSupport, protocol.RoleRestocker
	switch k {
	case IncidentAway:
		return page(technician, 30*time.Minute, CausePower, CauseNetwork, CauseHardware, CauseSoftware)
	case IncidentLock:
		return page(technician, 30*time.Minute, CauseHardware, CauseGoods, CauseForce, CauseSoftware)
	case IncidentLeftOpen:
		return page(technician, 15*time.Minute, CauseResident, CauseStaff, CauseHardware, CauseGoods)
	case IncidentKeyOpening:
		return page(manager, 15*time.Minute, CauseStaff, CauseForce, CauseHardware)
	case IncidentStopped:
		return page(technician, 30*time.Minute, CauseHardware, CausePower, CauseGoods, CauseSoftware)
	case IncidentTemperature:
		return page(manager, 30*time.Minute, CausePower, CauseHardware, CauseResident, CauseStaff)
	case IncidentClonedCard, IncidentOtherJournal, IncidentRestoredCard, IncidentUnknownCabinet:
		return page(technician, 30*time.Minute, CauseCard, CauseStaff, CauseForce)
	case IncidentScale, IncidentMoved:
		return ticket(technician, CauseHardware, CauseGoods, CauseResident)
	case IncidentCounters, IncidentOtherEvent, IncidentMalformed, IncidentPoison, IncidentEventsLost:
		return ticket(technician, CauseSoftware, CauseCard, CauseHardware)
	case IncidentConfig, IncidentUnitWeight:
		return ticket(manager, CauseData, CauseGoods, CauseSoftware)
	case IncidentServiceByClaim:
		return ticket(manager, CauseStaff, CauseForce)
	case IncidentRefillDiffers, IncidentExpires, IncidentExpired:
		return ticket(restocker, CauseStaff, CauseGoods, CauseHardware)
	case IncidentNoSale:
		return ticket(manager, CauseDemand, CauseGoods, CauseHardware, CauseNetwork)
	case IncidentPaymentMismatch, IncidentRefundRefused, IncidentHoldLost, IncidentAheadLost, IncidentPayLost, IncidentDebtsRest:
		return ticket(manager, CauseProvider, CauseSoftware, CauseData)
	case IncidentSecondSettling, IncidentLateSettling, IncidentUnknownVisit:
		return ticket(support, CauseNetwork, CauseSoftware, CauseCard)
	}
	return ticket(manager)
}

// Fits reports whether a kind can have a cause.
func (c IncidentCause) Fits(k IncidentKind) bool { return slices.Contains(k.Care().Causes, c) }

// Rank puts first what somebody must be woken for, and of that what nobody has taken.
func (i Incident) Rank() (r int) {
	if i.Kind.Care().Urgency != UrgencyPage {
		r += 2
	}
	if !i.Taken.IsZero() {
		r++
	}
	return r
}
