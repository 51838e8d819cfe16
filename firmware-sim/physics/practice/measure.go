package practice

// span is a range from which a value is drawn evenly.
type span struct{ from, to float64 }

// Times of a visit, in milliseconds, as measured.
var (
	opening    = span{2000, 4000} // the door opens so long after the trace begins
	firstMove  = span{800, 2000}  // the first hand comes so long after the door
	leaving    = span{400, 1300}  // the door shuts so long after the pause that follows the last hand
	tail       = span{2950, 4950} // readings go on so long after the door was shut
	pauses     = span{1600, 4900} // between two moves of somebody who takes their time
	dwelling   = span{1600, 5300} // a good is looked at so long before it is put back in browse,
	glancing   = span{1200, 2600} // and so long passes between two goods there
	grabbing   = span{1100, 2500} // bulk
	returning  = span{1200, 2900} // putback
	carrying   = span{1600, 4200} // misplace
	settling   = span{300, 1100}  // left-behind: an object is put down so long after the first hand,
	forgetting = span{1500, 3700} // and this passes between what follows
	roughly    = span{1000, 4000} // rough
	rushing    = span{400, 1100}  // rush
	sharing    = span{900, 2900}  // each of two-shoppers
)

// What shoppers do, as shares of all takes.
const (
	twoShare      = 0.20 // two units at once in everyday, drift and faults,
	twoShareRough = 0.60
	twoShareRush  = 0.52
	twoShareBoth  = 0.30 // two-shoppers
	backShare     = 0.22 // put back again in everyday, drift and faults
	backShareBack = 0.50 // and in putback
	secondShare   = 0.45 // misplace: another take afterwards
	removedShare  = 0.45 // left-behind: the object is taken away again
)

// The scales. Capacities and divisions are in grams. Creep is left out: in the seven seconds after a step of more than
// 700 g none was seen (less than 0.0001 of the step).
const (
	laneCapacity  = 8000.0
	laneDivision  = 0.5
	shelfCapacity = 40000.0
	shelfDivision = 1.0
	laneFill      = 0.8    // a lane is stocked up to this share of its capacity
	shelfFill     = 0.9    // and a shelf to this
	laneHeaviest  = 2000.0 // heavier goods are not put into lanes
	zeroSD        = 2.5    // grams by which a scale's zero is off
	spanSD        = 0.0013 // share by which its calibration is off
	laneDrift     = 0.0065 // grams a second, standard deviation
	shelfDrift    = 0.036
	driftFactor   = 5.0  // by which the family drift is worse
	jitterShare   = 0.12 // of the period by which a reading is early or late at most
)

var (
	laneNoise  = span{0.20, 0.55} // grams, standard deviation of one reading before it is rounded
	shelfNoise = span{0.70, 1.80}
	ringShare  = span{0.10, 0.30} // first swing of a platform after a step, as a share of the step
	ringTime   = span{100, 280}   // milliseconds in which the swing falls to a third
	ringHz     = span{3, 9}
)

// The door slams: the first swing of a visit's slam in grams is log-normal, and each platform feels a part of it.
const (
	openMedian  = 15.0
	openSpread  = 0.50
	shutMedian  = 52.0
	shutSpread  = 0.50
	roughFactor = 9.0 // by which the family rough slams harder
)

// bulkUnits are the weights of one, two and three units in one grip of bulk.
var bulkUnits = []float64{0, 48, 30, 22}

var slamPart = span{0.3, 1.0}

// Hands. A hand that takes or puts often presses on the platform or lifts it, from that moment until it lets go; it is
// felt first at its full force or shortly before.
const (
	pressShare = 0.6
	pushShare  = 0.6  // presses that push, the others lift;
	leanShare  = 0.66 // of leans
)

var (
	pressPeak  = span{20, 350}  // grams
	pressTime  = span{300, 900} // milliseconds from nothing to nothing,
	pressPhase = span{0.25, 0.5}
	leanPeak   = span{30, 520} // a hand that leans without taking, in browse,
	leanTime   = span{200, 900}
	roughPeak  = span{200, 3000} // and in rough
	roughTime  = span{200, 1200}
)

// How many leans a visit has, as weights of 0, 1, 2, ... of them.
var (
	browseLeans = []float64{5, 5, 5, 5}
	browsePairs = []float64{5, 9, 5, 1}
	roughLeans  = []float64{5, 6, 3, 2, 3, 1}
)

// Faults of the family faults.
const (
	mostLost   = 0.15 // of its readings are lost at most, evenly drawn for each visit
	mostWild   = 0.01 // and so many are wild at most:
	wildSpread = 0.3  // off by so much of the capacity, standard deviation
	stuckShare = 0.55 // of the visits in which one scale repeats its reading for a while
)

var (
	stuckStart = span{0, 4000} // after the door was opened
	stuckTime  = span{1000, 4200}
)

// objects are keys, phones, bags: grams.
var objects = span{60, 570}
