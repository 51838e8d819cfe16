package masterdata

import (
	"time"

	"allhours/cloud"
	"allhours/protocol"
)

// day is what periods of objections are counted in.
const day = 24 * time.Hour

// disputing is how bills are objected to; what a chain does not say is as it is by default.
func disputing(n node) cloud.Disputing {
	d := cloud.Disputing{Within: 14 * day, SupportVisit: 50_00, SupportFen: 200_00, SupportPer: 30 * day}
	if !n.there {
		return d
	}
	n.fields("days", "support_visit_fen", "support_fen", "support_days")
	if days := n.at("days"); days.there {
		d.Within = time.Duration(days.whole(0, 365)) * day
	}
	if fen := n.at("support_visit_fen"); fen.there {
		d.SupportVisit = protocol.Fen(fen.whole(0, maxFen))
	}
	if fen := n.at("support_fen"); fen.there {
		d.SupportFen = protocol.Fen(fen.whole(0, maxFen))
	}
	if days := n.at("support_days"); days.there {
		d.SupportPer = time.Duration(days.whole(1, 365)) * day
	}
	return d
}
