// Package settle turns weights into goods: readings, planogram and goods in, a bill with its confidence and its
// explanation out. It is pure and deterministic: no clock, no goroutine, no I/O; the same readings give the same answer,
// however they are batched. It never bills what it is not sure of: then it answers review and gives its best guesses.
package settle

import "allhours/protocol"

// RuleVersion names the rules of this package; it travels with every answer. A stored bill stands when rules change.
const RuleVersion = "3"

// Good is an article as the scales meet it.
type Good struct {
	Unit protocol.Milligrams // weight of one unit as the master data knows it
	SD   protocol.Milligrams // standard deviation from unit to unit
}

// Platform is one weighed surface, what the planogram puts there and how many of each the stock ledger believes are there.
type Platform struct {
	ID       protocol.PlatformID
	Capacity protocol.Milligrams
	Division protocol.Milligrams // smallest step that the scale shows
	Book     map[protocol.SKU]int
}

// Layout is what a visit is settled against; it does not change during the visit.
type Layout struct {
	Platforms []Platform
	Goods     map[protocol.SKU]Good
}

// Config holds what a chain may set.
type Config struct {
	BillConfidence float64 // a bill needs at least this probability, 0 to 1; 0 means the package's default
}

// Sample is one reading of one platform.
type Sample struct {
	Weight protocol.Milligrams // as calibrated, not tared
	OK     bool                // false where the channel did not answer or reported overload
}

// Line is a number of units of one article.
type Line struct {
	SKU protocol.SKU `json:"sku"`
	Qty int          `json:"qty"`
}

// Decision is what the cabinet says of a visit.
type Decision string

// Bill charges exactly the lines (none: nothing was taken); Review asks a human, the lines are then the best guess.
const (
	Bill   Decision = "bill"
	Review Decision = "review"
)

// Step is one change of weight on one platform and what it is taken for.
type Step struct {
	At          int64               `json:"at"` // milliseconds since the visit's zero
	Platform    protocol.PlatformID `json:"platform"`
	Delta       protocol.Milligrams `json:"delta_mg"`
	SKU         protocol.SKU        `json:"sku,omitempty"`         // "" where it is no article of the planogram
	Qty         int                 `json:"qty,omitempty"`         // negative: taken; positive: put
	What        What                `json:"what,omitempty"`        // "" in steps of rule 1
	Probability float64             `json:"probability,omitempty"` // that it was just this, whatever else happened
}

// What names what a change of weight is taken for.
type What string

// What a change may be. Taken and Back are of goods where they belong, Misplaced and StrayTaken of goods elsewhere.
const (
	Taken      What = "taken"
	Back       What = "back"
	Misplaced  What = "stray"
	StrayTaken What = "stray_taken"
	Altered    What = "altered"     // something like what was taken came back, but not the same
	Object     What = "object"      // something foreign was put down
	ObjectGone What = "object_gone" // and taken away again
	Strange    What = "strange"     // nothing known explains it
)

// Explanation is one story of the whole visit.
type Explanation struct {
	Lines       []Line  `json:"lines"`
	Probability float64 `json:"probability"`
	Steps       []Step  `json:"steps,omitempty"`
}

// Stray is an article that was put on a platform where it does not belong; it is not charged.
type Stray struct {
	Platform protocol.PlatformID `json:"platform"`
	SKU      protocol.SKU        `json:"sku"`
	Qty      int                 `json:"qty"`
}

// Fault says why a platform's readings cannot be trusted in this visit.
type Fault struct {
	Platform protocol.PlatformID `json:"platform"`
	Reason   string              `json:"reason"` // silent, stuck, wild, overload, gap, object
}

// Level is what lies on a platform when the visit ends.
type Level struct {
	Platform protocol.PlatformID `json:"platform"`
	Weight   protocol.Milligrams `json:"weight_mg"`
	Units    []Line              `json:"units"` // by book: before the visit less what was taken
}

// Answer is the settlement of one visit. Lines are sorted by SKU and never nil.
type Answer struct {
	Decision   Decision      `json:"decision"`
	Lines      []Line        `json:"lines"`
	Confidence float64       `json:"confidence"` // probability that Lines are exactly what was taken
	Rule       string        `json:"rule"`
	Why        []Explanation `json:"why,omitempty"` // the likeliest two, best first
	Strays     []Stray       `json:"strays,omitempty"`
	Faults     []Fault       `json:"faults,omitempty"`
	Levels     []Level       `json:"levels"`
}
