package sim

import (
	"fmt"

	"allhours/cloud"
)

// restless tells what is not finished yet; "" when everything is quiet.
func (v *town) restless() string {
	fleet := openDisk(v.t, v.service.folder(), fleetFile)
	defer fleet.close()
	switch {
	case fleet.number(`SELECT count(*) FROM visits WHERE ended_ms = 0`) > 0:
		return "a visit is under way"
	case fleet.number(`SELECT count(*) FROM payment_ops WHERE state IN ('pending', 'sent', 'unknown')`) > 0:
		return "a payment is under way"
	}
	for _, b := range v.boxes {
		edge := openDisk(v.t, b.folder(), journalFile)
		unfinished := edge.number(`SELECT count(*) FROM visits WHERE ended = 0`)
		backlog := edge.number(`SELECT last - acked FROM state`)
		edge.close()
		if unfinished+backlog > 0 {
			return fmt.Sprintf("%s has %d visits without an end and %d events to send", b.id, unfinished, backlog)
		}
		if !b.tap.calm() {
			return fmt.Sprintf("the line of %s still holds what is late", b.id)
		}
		// After a short cut the cloud may still count on a connection that the cabinet has lost.
		if n := len(b.net.linksOf(string(b.id))); n != 1 {
			return fmt.Sprintf("%s has %d connections", b.id, n)
		}
		view, err := v.service.view(b.id)
		if err != nil || view.State != cloud.CabinetReady {
			return fmt.Sprintf("%s is %s, %v", b.id, view.State, err)
		}
		// What it shall be may have been lost on the way; it is sent again.
		if wanted := fleet.number(`SELECT MAX(version) FROM desired WHERE cabinet = ?`, string(b.id)); int64(view.Presence.Applied.Version) != wanted {
			return fmt.Sprintf("%s has applied version %d of %d", b.id, view.Presence.Applied.Version, wanted)
		}
	}
	return ""
}
