package drivertest

// Scene is something that goes wrong on a line. A driver is used while it does, and must be right again soon after.
type Scene struct {
	Name   string
	Faults []Fault
	// Repeats says that the line itself lets a board hear a frame more than once.
	Repeats bool
	// Forges says that the line turns so many bits over that a checksum of eight bits lets wrong frames pass.
	Forges bool
	// Chancy says that the fault befalls some frames and not others, so that a second visit may show something else.
	Chancy bool
}

// foreignShare and the other shares are high, so that a few exchanges meet each fault.
const (
	lostShare    = 0.3
	doubledShare = 0.5
	mergedShare  = 0.4
	splitShare   = 0.4
	foreignShare = 0.7
	lateMS       = 70 // beyond what a line waits for a reply
)

// Scenes is all that can go wrong; foreign is what a board at another address would answer, in hexadecimal.
func Scenes(foreign string) []Scene {
	one := func(name string, f Fault) Scene { return Scene{Name: name, Faults: []Fault{f}} }
	some := func(name string, f Fault) Scene { return Scene{Name: name, Faults: []Fault{f}, Chancy: true} }
	doubled := some("frames come twice", Fault{Kind: "line_doubled", Rate: doubledShare})
	doubled.Repeats = true
	flips := some("a bit in a hundred is turned over", Fault{Kind: "line_flips", Rate: 1e-2})
	flips.Forges = true
	return []Scene{
		{Name: "nothing goes wrong"},
		one("a bit in a million is turned over", Fault{Kind: "line_flips", Rate: 1e-6}),
		one("a bit in ten thousand is turned over", Fault{Kind: "line_flips", Rate: 1e-4}),
		some("a bit in a thousand is turned over", Fault{Kind: "line_flips", Rate: 1e-3}),
		flips,
		some("frames are lost", Fault{Kind: "line_lost", Rate: lostShare}),
		doubled,
		some("frames come together with the next one", Fault{Kind: "line_merged", Rate: mergedShare}),
		some("frames come in two pieces", Fault{Kind: "line_split", Rate: splitShare}),
		one("the adapter hears itself", Fault{Kind: "line_echo"}),
		some("another unit answers", Fault{Kind: "line_foreign", Rate: foreignShare, Frame: foreign}),
		some("replies come late", Fault{Kind: "line_late", DelayMS: lateMS}),
		one("the boards hear, but are not heard", Fault{Kind: "line_silent"}),
		{Name: "nobody hears but the adapter itself", Faults: []Fault{{Kind: "line_lost", Rate: 1}, {Kind: "line_echo"}}},
		one("a node babbles", Fault{Kind: "line_babble"}),
		one("the adapter is pulled out and put in again", Fault{Kind: "line_unplugged"}),
		one("the board restarts while the lock fires", Fault{Kind: "lock_restarts"}),
	}
}
