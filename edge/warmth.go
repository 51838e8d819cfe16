package edge

import "allhours/edge/health"

// Warmth is what is remembered of a compartment whose air was not cold, so that a boot does not begin its time anew.
type Warmth struct {
	State health.State `json:"state"`
	At    int64        `json:"at"` // UTC milliseconds of the record; 0 where the cabinet did not know the time
}
