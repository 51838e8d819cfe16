package picking

import "allhours/protocol"

// Call is a cabinet that a round visits.
type Call struct {
	Cabinet protocol.CabinetID
	Seconds int // that the stop takes
	Open    int // second of the round's day from which on it may be opened
	Shut    int // second until which one must have come; 0: whenever
}

// Trip is the order of a round, from the store and back to it.
type Trip struct {
	Stops  []Arrival `json:"stops"`
	Metres int       `json:"metres"`
	Back   int       `json:"back"` // second of the day at which the store is reached again
	Late   int       `json:"late"` // seconds after their windows had shut, of all stops together
}

// Arrival is one stop of a trip.
type Arrival struct {
	Cabinet protocol.CabinetID `json:"cabinet"`
	Metres  int                `json:"metres"` // from the point before
	Come    int                `json:"come"`   // second of the day
	Begin   int                `json:"begin"`  // when it is open: later than Come where one waits
	Late    int                `json:"late"`   // seconds after its window had shut
}
