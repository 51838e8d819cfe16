package edge

import "allhours/protocol"

// Drift is what is remembered of a platform between visits.
type Drift struct {
	Zero protocol.Milligrams `json:"zero_mg"` // how far its zero has wandered since the goods were counted
	Open protocol.Milligrams `json:"open_mg"` // what is neither drift nor was told
}

// Learnt is what confirmed sales say of the weight of an article's unit.
type Learnt struct {
	Master protocol.Milligrams `json:"master_mg"` // the master data that it was learnt beside
	Unit   protocol.Milligrams `json:"unit_mg"`   // in use
	Told   protocol.Milligrams `json:"told_mg"`   // what was last told of it
	Visits int                 `json:"visits"`    // since Unit was last learnt
	Units  int                 `json:"units"`
	Sum    protocol.Milligrams `json:"sum_mg"` // of those units
}
