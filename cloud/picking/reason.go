package picking

// Code says in one word why a number is as it is. Pages choose their text by it, so codes are never renamed.
type Code string

// Why a lane is brought so many units. Each tells what the number became by it.
const (
	Par      Code = "par"      // filled up to what somebody has set
	Service  Code = "service"  // so many last until the visit after the next, as surely as Percent says, for Hours from now
	Enough   Code = "enough"   // what lies there lasts
	Least    Code = "least"    // so that no lane is empty
	Case     Code = "case"     // up to a whole case
	Spoils   Code = "spoils"   // more would not sell within the Hours that they keep
	Room     Code = "room"     // the lane holds no more
	Scale    Code = "scale"    // the platform bears no more
	Store    Code = "store"    // the store has no more
	Leaving  Code = "leaving"  // nothing more of it is brought
	Moved    Code = "moved"    // the rest comes from another cabinet
	Coming   Code = "coming"   // another round brings the rest
	Expiring Code = "expiring" // so many that lie there will be past their date before they are sold
)

// Reason is one step to a number.
type Reason struct {
	Code    Code `json:"code"`
	Units   int  `json:"units"`             // what the number became by it, or how many expire
	Percent int  `json:"percent,omitempty"` // how surely
	Hours   int  `json:"hours,omitempty"`   // from now
}
