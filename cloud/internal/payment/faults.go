package payment

// Fault is what a simulated provider does wrong to one call.
type Fault int

// What a provider can do wrong. What it was told and did not lose is done, or refused, whatever becomes of the answer.
const (
	FaultNone        Fault = iota
	FaultRefuse            // it refuses
	FaultLost              // the call never arrives
	FaultTimeout           // it does it, and neither answers nor calls back
	FaultLate              // it answers that it is under way, does it later, and calls back then
	FaultUnpaid            // it answers that it is under way, and refuses later: the person never paid
	FaultTwice             // it calls back twice
	FaultDisorder          // it calls back before it answers, and then once more of what came before
	FaultWrongAmount       // it does it, calls back with another amount, and does not answer
	FaultForged            // the call never arrives; somebody else calls back that it was done, and so does another merchant
)

// Faults lists what can be done wrong, to draw from.
func Faults() []Fault {
	return []Fault{
		FaultRefuse, FaultLost, FaultTimeout, FaultLate, FaultUnpaid, FaultTwice, FaultDisorder, FaultWrongAmount, FaultForged,
	}
}
