// Package storetest is the one conformance suite that every database of the cloud passes.
package storetest

import (
	"testing"
	"time"

	"allhours/cloud"
	"allhours/protocol"
	"allhours/protocol/wire"
)

// Open makes an empty database that ends with the test.
type Open func(t *testing.T) cloud.DB

// Run holds a database to everything that the domain asks of it.
func Run(t *testing.T, open Open) {
	for _, tests := range []map[string]func(*testing.T, cloud.DB){salesTests(), goodsTests(), peopleTests()} {
		for name, test := range tests {
			t.Run(name, func(t *testing.T) { test(t, open(t)) })
		}
	}
}

// salesTests are of cabinets, visits and money.
func salesTests() map[string]func(*testing.T, cloud.DB) {
	return map[string]func(*testing.T, cloud.DB){
		"a claim code is used once":                                claimCodes,
		"a card is believed, set apart and replaced":               cardsReplaced,
		"master data comes back as it was saved":                   plansComeBack,
		"a cabinet signs in only when it is enrolled":              enrolment,
		"what is known of who sends is read at once":               sentBy,
		"a price list is there for ever":                           priceLists,
		"a price change comes, and ends once":                      priceChanges,
		"what an article cost is kept with its time":               costsKept,
		"a failed unit of work leaves nothing behind":              atomic,
		"a failed try undoes itself alone":                         tryAlone,
		"many writers at once are all kept":                        manyWriters,
		"one visit at a door at a time":                            oneVisitAtADoor,
		"a key belongs to one visit":                               oneVisitOfAKey,
		"a visit is sent anew over another connection":             sentAnew,
		"a grant that is shown does not keep the door":             offers,
		"an outcome is set once":                                   oneOutcome,
		"a payment moves forward only":                             paymentForward,
		"a visit has one order":                                    oneOrder,
		"an event is new once, then a repeat, or another":          arrivals,
		"a batch arrives event by event":                           batches,
		"the newest calibrations of each platform are kept":        newestCalibrations,
		"the newest birth of each cabinet is kept":                 newestBirth,
		"how warm it was is kept for each probe":                   airKept,
		"holes are found":                                          holes,
		"a position moves forward within one journal only":         positions,
		"an open incident counts, a closed one makes room":         incidentsCount,
		"an incident that comes back soon joins the former one":    incidentsReturn,
		"what was done with an incident is kept":                   incidentSteps,
		"incidents are found by number, store and kind":            incidentsListed,
		"how long incidents took adds up":                          incidentTimes,
		"a notice is written once for a channel and a step":        noticesOnce,
		"an entry must balance, is booked once and adds up":        ledgerBalances,
		"a day of a pile closes with what was booked up to it":     ledgerDays,
		"an operation with a final state stays as it is":           finalOps,
		"a debt is lessened, and never below nothing":              debtsLessen,
		"a debt that rests is not charged before it is woken":      debtsRest,
		"what a provider remembers is found until it is booked":    rememberedOnce,
		"what a person asked for is found by its key":              personalOps,
		"no more is used than was paid ahead":                      prepaidBounded,
		"no more is paid out than was paid ahead":                  payoutsBounded,
		"levels and counters are the last ones":                    metersLast,
		"what is set aside is kept with its reason, and bounded":   setAside,
		"the case of an event that is set aside ends once":         casesEnd,
		"a movement is kept once, and corrected once":              movements,
		"the counts of a store are found, but for corrected ones":  countsFound,
		"text with a zero byte is kept without it":                 zeroBytes,
		"a task waits until it is done or its time is over":        tasksWait,
		"a halt holds until somebody takes it back":                halts,
		"the newest tasks of a cabinet are kept":                   tasksBounded,
		"one objection of a visit is open at a time":               oneOpenDispute,
		"objections are of the stores where the cabinets stand":    disputesOfStores,
		"no more goes back than was captured, nor than was ruled":  refundsBounded,
		"what the staff did with money is kept":                    actionsKept,
		"visits are found by number and by time":                   visitsByNumberAndTime,
		"incidents are found by time and by subject":               incidentsAround,
		"a message waits until it is sent, once for a fact":        messagesWait,
		"a visit's money belongs to the store that sold":           sellerFound,
		"a resident's wishes are the last ones":                    wishes,
		"consents are kept by version":                             consentsKept,
		"a person is erased, and the books stay":                   personErased,
		"what of a person is not over is found":                    unsettledFound,
		"what is over its time goes, but for what is open":         oldGoes,
		"the longest waiting case comes first":                     casesQueue,
		"how long cases wait and are looked at adds up":            casesTimed,
		"the last hand-over of a cabinet is kept as it was signed": handedOver,
	}
}

// goodsTests are of goods: by day, by date, on rounds, as expected and as they served.
func goodsTests() map[string]func(*testing.T, cloud.DB) {
	return map[string]func(*testing.T, cloud.DB){
		"a closed day is closed, and those before it":              daysClosed,
		"what a day posted piles up":                               dayPiles,
		"the last word of the scales on a day is kept":             dayLevels,
		"what no clock puts on a day is found on each":             dayDoubts,
		"a line of a statement is kept once and found by its op":   statementLines,
		"lots are kept as they lay, and found by their dates":      lotsKept,
		"what went to waste is found, day by day":                  wasteFound,
		"the last count of a lane is kept":                         laneCountsKept,
		"a cabinet sells by its own prices until the chain's next": ownPrices,
		"aisles are said, changed and forgotten":                   aislesKept,
		"a draft waits, and ends once":                             draftsKept,
		"a roll-out is kept, and withdrawn once":                   rolloutsKept,
		"a round is kept as it stands, and found":                  roundsKept,
		"a simulated past stays one":                               pastStays,
		"what was done on a round is kept once for a key":          roundSteps,
		"a photo is kept once, and found by round and day":         photosKept,
		"a policy has its versions":                                policiesKept,
		"a rule of prices ends, and is kept as it was":             markdownsEnd,
		"when rounds are walked is kept for each store":            roundHabits,
		"rounds that are done tell how well they agreed":           roundFigures,
		"goods that left with a resident are known as sold":        soldFlows,
		"what stores took is found by quarters and by what is new": turnoverFound,
		"what was sold before is kept once for an hour":            pastSales,
		"what was learned is kept part by part":                    demandParts,
		"what coverage is made of is kept once":                    coverageFactsKept,
		"a cabinet is heard of until its card's end":               coverageHeard,
		"days that were told are corrected openly":                 coverageDaysTold,
		"a day that changed is due until it is added up":           totalsKept,
		"special hours hold until they are taken back":             specialHoursKept,
	}
}

// Now is the suite's clock.
var now = time.Date(2026, 11, 20, 22, 30, 0, 0, time.UTC)

func id(n byte) protocol.UUID { return protocol.UUID{6: 0x70, 8: 0x80, 15: n} }

func update(t *testing.T, db cloud.DB, work func(tx cloud.Tx) error) {
	t.Helper()
	if err := db.Update(t.Context(), work); err != nil {
		t.Fatal(err)
	}
}

func view(t *testing.T, db cloud.DB, work func(tx cloud.Tx) error) {
	t.Helper()
	if err := db.View(t.Context(), work); err != nil {
		t.Fatal(err)
	}
}

func refused(t *testing.T, db cloud.DB, code protocol.Code, work func(tx cloud.Tx) error) {
	t.Helper()
	if err := db.Update(t.Context(), work); protocol.CodeOf(err) != code {
		t.Fatalf("got %v, want code %s", err, code)
	}
}

// Plan is master data to test against: one store, two goods, one cabinet of two shelves.
func Plan() cloud.MasterData {
	return cloud.MasterData{
		Chain: cloud.Chain{
			Name: cloud.Text{Zh: "邻里", En: "Near"}, SupportPhone: "+865718888", Hold: 5000,
			TimeZone: "Asia/Shanghai", WaiveAfter: 72 * time.Hour,
			Offline:   cloud.Offline{Valid: 10 * time.Minute, Openings: 2, Fen: 10000, Per: 24 * time.Hour, Cabinet: 3, Service: 2},
			Health:    wire.Health{WarmMin: 20},
			Disputing: cloud.Disputing{Within: 14 * 24 * time.Hour, SupportVisit: 3000, SupportFen: 4000, SupportPer: 30 * 24 * time.Hour},
		},
		Stores: []cloud.Store{{ID: "north", Name: cloud.Text{Zh: "北店", En: "North"}, Hours: []cloud.Hours{{Open: 420, Close: 1320}}, At: cloud.Spot{Latitude: 30_184_200, Longitude: -120_000_001}}},
		Articles: []cloud.Article{
			{SKU: "1001", Name: cloud.Text{Zh: "水", En: "Water"}, Unit: 571000, SD: 2600, Price: 200, Barcodes: []cloud.Barcode{"6901234567892"}},
			{SKU: "1002", Name: cloud.Text{Zh: "茶", En: "Tea"}, Unit: 530000, SD: 2600, Price: 350},
			{SKU: "1003", Name: cloud.Text{Zh: "糖", En: "Sweets"}, Unit: 90000, SD: 600, Price: 900},
		},
		Cabinets: []cloud.PlannedCabinet{{
			Cabinet: cloud.Cabinet{
				ID: "xs-01", Store: "north", Number: 1, Place: cloud.Text{Zh: "门口", En: "At the gate"}, Layout: "shelves", Shard: 7,
				Platforms: []cloud.Platform{
					{ID: "S1", Compartment: 1, Capacity: 30000000, Division: 1000, SKUs: []protocol.SKU{"1001", "1002"}},
					{ID: "S2", Compartment: 1, Capacity: 30000000, Division: 1000, SKUs: []protocol.SKU{"1003"}, Room: map[protocol.SKU]int{"1003": 40}},
				},
				Health: map[protocol.Compartment]wire.Health{1: {ShutMin: 40}},
				At:     cloud.Spot{Latitude: -1, Longitude: 120_265_000}, Hours: []cloud.Reach{{Hours: cloud.Hours{Open: 360, Close: 720}}, {Days: 63, Hours: cloud.Hours{Open: 780, Close: 1440}}},
			},
			Stock: map[protocol.PlatformID]map[protocol.SKU]int{"S1": {"1001": 8, "1002": 6}, "S2": {"1003": 10}},
		}},
	}
}
