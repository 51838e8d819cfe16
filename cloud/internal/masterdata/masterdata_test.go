package masterdata

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/protocol"
	"allhours/protocol/topic"
)

const good = `{
 "chain": {"name_zh": "邻里", "name_en": "Linli", "support_phone": "0571-1234", "hold_fen": 5000, "time_zone": "Asia/Shanghai"},
 "stores": [{"id": "s1", "name_zh": "一店", "name_en": "First", "hours": [{"open": "07:00", "close": "22:00"}]}],
 "articles": [
  {"sku": "1001", "name_zh": "水", "name_en": "Water", "category": "water", "zone": "ambient", "unit_mg": 571000, "sd_mg": 2600,
   "price_fen": 200, "cost_fen": 114, "shelf_life_days": 540, "essential": true, "vat_percent": 13, "min_age": 0, "case_size": 24},
  {"sku": "9001", "name_zh": "酒", "name_en": "Spirits", "category": "spirits", "zone": "ambient", "unit_mg": 900000, "sd_mg": 3000,
   "price_fen": 9900, "cost_fen": 6000, "shelf_life_days": 3650, "essential": false, "vat_percent": 13, "min_age": 18, "case_size": 6}],
 "cabinets": [{"id": "xs-01", "store": "s1", "number": 3, "place_zh": "门口", "place_en": "Gate", "layout": "shelves",
  "platforms": [{"id": "S1", "compartment": 1, "capacity_mg": 30000000, "division_mg": 1000, "goods": [{"sku": "1001", "stock": 8}]}]}]
}`

func TestADocumentBecomesMasterData(t *testing.T) {
	m, err := Parse([]byte(good), Known{})
	if err != nil {
		t.Fatal(err)
	}
	if m.Chain.Hold != 5000 || m.Chain.WaiveAfter != 72*time.Hour || m.Chain.Name.Zh != "邻里" {
		t.Errorf("chain %+v", m.Chain)
	}
	if day := 24 * time.Hour; m.Chain.Disputing != (cloud.Disputing{Within: 14 * day, SupportVisit: 5000, SupportFen: 20000, SupportPer: 30 * day}) {
		t.Errorf("a chain that does not say lets bills be objected to by %+v", m.Chain.Disputing)
	}
	if m.Chain.Offline != (cloud.Offline{Valid: 10 * time.Minute, Openings: 2, Fen: 10000, Per: 24 * time.Hour, Cabinet: 20, Service: 20}) {
		t.Errorf("a chain that does not say risks %+v", m.Chain.Offline)
	}
	if len(m.Stores) != 1 || m.Stores[0].Hours[0] != (cloud.Hours{Open: 420, Close: 1320}) {
		t.Errorf("stores %+v", m.Stores)
	}
	if len(m.Articles) != 2 || m.Articles[0].Unit != 571000 || !m.Articles[0].Essential {
		t.Errorf("articles %+v", m.Articles)
	}
	c := m.Cabinets[0]
	if c.ID != "xs-01" || c.Stock["S1"]["1001"] != 8 || c.Platforms[0].SKUs[0] != "1001" || c.Shard >= topic.Shards {
		t.Errorf("cabinet %+v", c)
	}
}

func TestWhatAChainRisksWithoutALineIsItsOwnToSay(t *testing.T) {
	said := strings.Replace(good, `"time_zone"`,
		`"offline": {"valid_minutes": 0, "openings": 1, "fen": 6000, "per_hours": 12, "cabinet_openings": 5, "service_openings": 3}, "time_zone"`, 1)
	m, err := Parse([]byte(said), Known{})
	if err != nil || m.Chain.Offline != (cloud.Offline{Openings: 1, Fen: 6000, Per: 12 * time.Hour, Cabinet: 5, Service: 3}) {
		t.Errorf("%+v, %v", m.Chain.Offline, err)
	}
}

func TestHowBillsAreObjectedToIsTheChainsToSay(t *testing.T) {
	said := strings.Replace(good, `"time_zone"`, `"disputes": {"days": 7, "support_visit_fen": 0, "support_fen": 9000, "support_days": 10}, "time_zone"`, 1)
	m, err := Parse([]byte(said), Known{})
	if day := 24 * time.Hour; err != nil || m.Chain.Disputing != (cloud.Disputing{Within: 7 * day, SupportFen: 9000, SupportPer: 10 * day}) {
		t.Errorf("%+v, %v", m.Chain.Disputing, err)
	}
}

func TestHowWarmFoodMayBeIsTheChainsToSayAndEachCabinetsWhereItDiffers(t *testing.T) {
	said := strings.NewReplacer(`"time_zone"`, `"health": {"above_dc": 40, "warm_min": 10}, "time_zone"`,
		`"layout": "shelves"`, `"layout": "shelves", "health": [{"compartments": [1], "above_dc": 0, "all_min": 60}]`).Replace(good)
	m, err := Parse([]byte(said), Known{})
	if err != nil {
		t.Fatal(err)
	}
	c := m.Cabinets[0]
	if got := c.HealthOf(m.Chain.Health, 1); *got.AboveDC != 0 || got.WarmMin != 10 || got.AllMin != 60 || got.ShutMin != 0 {
		t.Errorf("compartment 1: %+v", got)
	}
	if got := c.HealthOf(m.Chain.Health, 2); *got.AboveDC != 40 || got.AllMin != 0 {
		t.Errorf("any other: %+v", got)
	}
}

func TestEachBadEntryIsNamedByItsPathAndWhatWasExpected(t *testing.T) {
	cases := []struct{ name, old, new, want string }{
		{"a price of the wrong kind", `"price_fen": 200`, `"price_fen": "2.00"`, `$.articles[0].price_fen: want a whole number, got "2.00"`},
		{"a price with a fraction", `"price_fen": 200`, `"price_fen": 2.5`, `$.articles[0].price_fen: want a whole number from 1 to`},
		{"a price that is missing", `"price_fen": 200, `, ``, `$.articles[0].price_fen: want a whole number, got nothing`},
		{"a field that nobody knows", `"price_fen": 200`, `"price_fen": 200, "prize": 1`, `$.articles[0].prize: not known here`},
		{"a zone that is none", `"zone": "ambient", "unit_mg": 571000`, `"zone": "hot", "unit_mg": 571000`, `$.articles[0].zone: want one of ambient, chilled, got "hot"`},
		{"an article twice", `"sku": "9001"`, `"sku": "1001"`, `$.articles[1].sku: article "1001" is there twice`},
		{"a weight of nothing", `"unit_mg": 571000`, `"unit_mg": 0`, `$.articles[0].unit_mg: want a whole number from 1`},
		{"a name of nothing", `"name_en": "Water"`, `"name_en": " "`, `$.articles[0].name_en: want 1 to 200 bytes`},
		{"a time zone that is none", `Asia/Shanghai`, `Asia/Hangzhou`, `$.chain.time_zone: want a time zone`},
		{"a store that closes before it opens", `"22:00"`, `"06:00"`, `$.stores[0].hours[0]: want it to close after it opens`},
		{"a time that is none", `"07:00"`, `"7 am"`, `$.stores[0].hours[0].open: want a time of day`},
		{"a cabinet of an unknown store", `"store": "s1"`, `"store": "s9"`, `$.cabinets[0].store: no store "s9"`},
		{"a cabinet with a bad id", `"xs-01"`, `"XS_01"`, `$.cabinets[0].id: cabinet id`},
		{"a layout that is none", `"shelves"`, `"drawers"`, `$.cabinets[0].layout: want one of shelves, lanes`},
		{"an unknown article in a planogram", `[{"sku": "1001"`, `[{"sku": "7777"`, `$.cabinets[0].platforms[0].goods[0].sku: no article "7777"`},
		{"an age-restricted article in a planogram", `[{"sku": "1001"`, `[{"sku": "9001"`, `$.cabinets[0].platforms[0].goods[0].sku: article "9001" may be sold from the age of 18`},
		{"a stock below nothing", `"stock": 8`, `"stock": -1`, `goods[0].stock: want a whole number from 0`},
		{"a compartment 0", `"compartment": 1`, `"compartment": 0`, `platforms[0].compartment: want a whole number from 1`},
		{"a grant to be shown for a day", `"time_zone"`, `"offline": {"valid_minutes": 1440, "openings": 1, "fen": 1, "per_hours": 1, "cabinet_openings": 1}, "time_zone"`, `$.chain.offline.valid_minutes: want a whole number from 0 to 60`},
		{"risks that are half said", `"time_zone"`, `"offline": {"valid_minutes": 5}, "time_zone"`, `$.chain.offline.openings: want a whole number, got nothing`},
		{"an oven", `"time_zone"`, `"health": {"above_dc": 2000}, "time_zone"`, `$.chain.health.above_dc: want a whole number from -400 to 250`},
		{"food that may be warm for no time", `"time_zone"`, `"health": {"warm_min": 0}, "time_zone"`, `$.chain.health.warm_min: want a whole number from 1 to 1440`},
		{"a word for a limit", `"time_zone"`, `"health": "cold", "time_zone"`, `$.chain.health: want an object, got "cold"`},
		{"a limit of no compartment", `"layout"`, `"health": [{"above_dc": 50}], "layout"`, `$.cabinets[0].health[0].compartments: want one compartment or more`},
		{"a limit of a compartment that is not there", `"layout"`, `"health": [{"compartments": [2]}], "layout"`, `$.cabinets[0].health[0].compartments[0]: no platform is in compartment 2`},
		{"two limits of a compartment", `"layout"`, `"health": [{"compartments": [1]}, {"compartments": [1]}], "layout"`, `$.cabinets[0].health[1].compartments[0]: compartment 1 is there twice`},
		{"a limit that nobody knows", `"layout"`, `"health": [{"compartments": [1], "above": 5}], "layout"`, `$.cabinets[0].health[0].above: not known here`},
		{"a list that is none", `"stores": [`, `"stores": 5, "x": [`, `$.stores: want a list, got 5`},
		{"a latitude as a text", `"layout"`, `"latitude": "30.1", "longitude": 120, "layout"`, `$.cabinets[0].latitude: want a number, got "30.1"`},
		{"a longitude beyond the earth", `"layout"`, `"latitude": 30.1, "longitude": 180.5, "layout"`, `$.cabinets[0].longitude: want a number from -180.000000 to 180.000000 with 6 decimals at most, got 180.5`},
		{"a bar code that is none", `"case_size": 24`, `"case_size": 24, "barcodes": ["12345678"]`, `$.articles[0].barcodes: want bar codes`},
		{"an aisle of a store that is none", `"cabinets"`, `"aisles": [{"store": "s7", "sku": "1001", "aisle": "1"}], "cabinets"`, `$.aisles[0].store: no store "s7"`},
		{"no chain", `"chain": {`, `"x": {`, `$.chain: want an object, got nothing`},
		{"a document that is a list", good, `[]`, `$: want an object, got a list`},
		{"no JSON", good, `{"chain"`, `not JSON`},
		{"two documents", good, good + good, `something follows`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if !strings.Contains(good, c.old) {
				t.Fatalf("the case changes nothing: %q is not there", c.old)
			}
			_, err := Parse([]byte(strings.Replace(good, c.old, c.new, 1)), Known{})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got %v\nwant %q", err, c.want)
			}
		})
	}
}

func TestAllBadEntriesAreListedAtOnce(t *testing.T) {
	bad := strings.NewReplacer(`"price_fen": 200`, `"price_fen": 0`, `"07:00"`, `"x"`, `"s1", "number"`, `"s7", "number"`).Replace(good)
	_, err := Parse([]byte(bad), Known{})
	if err == nil || strings.Count(err.Error(), "\n") < 2 {
		t.Fatalf("got %v, want three lines", err)
	}
}

func TestADocumentMayReferToWhatTheFleetHas(t *testing.T) {
	m, err := Parse([]byte(good), Known{})
	if err != nil {
		t.Fatal(err)
	}
	later := strings.NewReplacer(`"stores": [`, `"x": [`, `"articles": [`, `"y": [`).Replace(good)
	if _, err := Parse([]byte(later), Known{}); err == nil {
		t.Fatal("unknown store and article were taken")
	}
	var document map[string]any
	if err := json.Unmarshal([]byte(good), &document); err != nil {
		t.Fatal(err)
	}
	delete(document, "stores")
	delete(document, "articles")
	raw, err := json.Marshal(document)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Parse(raw, Known{Stores: m.Stores, Articles: m.Articles}); err != nil {
		t.Fatal(err)
	}
}

func TestThePlanogramsOfADocumentAreChecked(t *testing.T) {
	twin := strings.NewReplacer(`"min_age": 18`, `"min_age": 0`, `"unit_mg": 900000`, `"unit_mg": 571500`,
		`{"sku": "1001", "stock": 8}`, `{"sku": "1001", "stock": 8}, {"sku": "9001", "stock": 2}`)
	cases := []struct {
		name, document string
		conflicts      bool
		refused        string
	}{
		{"goods that are told apart", good, false, ""},
		{"twins, which are no fault", twin.Replace(good), true, ""},
		{"a platform that is overloaded", strings.Replace(good, `"stock": 8`, `"stock": 80`, 1), false, `$.cabinets[0].platforms[0].goods: weigh 45680000 mg: the platform carries 30000000 mg`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m, err := Parse([]byte(c.document), Known{})
			if err != nil {
				t.Fatal(err)
			}
			reports, err := Check(m, Known{})
			if c.refused != "" {
				if err == nil || err.Error() != c.refused {
					t.Fatalf("got %v, want %q", err, c.refused)
				}
				return
			}
			if err != nil || len(reports) != 1 || (len(reports[0].Conflicts) > 0) != c.conflicts {
				t.Fatalf("got %+v, %v", reports, err)
			}
			later := m
			later.Articles = nil
			if again, err := Check(later, Known{Articles: m.Articles}); err != nil || again[0].Reviews != reports[0].Reviews {
				t.Errorf("with the fleet's articles: %+v, %v", again, err)
			}
		})
	}
}

// roll keeps enrolments in memory.
type roll map[protocol.CabinetID][]byte

func (r roll) Enrolment(_ context.Context, id protocol.CabinetID) (cloud.Enrolment, error) {
	hash, ok := r[id]
	if !ok {
		return cloud.Enrolment{}, protocol.Errorf(cloud.CodeUnknownCabinet, "%s", id)
	}
	return cloud.Enrolment{Cabinet: id, Shard: 9, PasswordHash: hash}, nil
}

func TestACabinetSignsInWithThePasswordOfItsNewestClaim(t *testing.T) {
	const password = "Kx0b2o9iVq"
	r := roll{"xs-01": Hash([]byte(password))}
	l := Logins{Store: r}
	a, err := l.CheckLogin(t.Context(), "xs-01", []byte(password))
	if err != nil || a != (topic.Address{Shard: 9, Cabinet: "xs-01"}) {
		t.Fatalf("got %+v, %v", a, err)
	}
	for name, try := range map[string]struct {
		id       protocol.CabinetID
		password string
	}{
		"a wrong password": {"xs-01", password + "x"}, "no password": {"xs-01", ""}, "an unknown cabinet": {"xs-02", password},
	} {
		if _, err := l.CheckLogin(t.Context(), try.id, []byte(try.password)); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
	r["xs-01"] = Hash([]byte("another"))
	if _, err := l.CheckLogin(t.Context(), "xs-01", []byte(password)); err == nil {
		t.Error("the old password is still good")
	}
	old := sha256.Sum256([]byte("kept by an older version"))
	r["xs-04"] = old[:]
	if _, err := l.CheckLogin(t.Context(), "xs-04", []byte("kept by an older version")); err != nil {
		t.Errorf("a cabinet of an older enrolment: %v", err)
	}
	r["xs-03"] = nil
	if _, err := l.CheckLogin(t.Context(), "xs-03", nil); err == nil {
		t.Error("a cabinet without a password signed in with none")
	}
}

func TestShardsAreSpreadAndStay(t *testing.T) {
	seen := map[uint8]int{}
	for i := range 640 {
		id := protocol.CabinetID("xs-" + string(rune('a'+i%26)) + string(rune('a'+i/26)))
		seen[shardOf(id)]++
	}
	if len(seen) < topic.Shards*3/4 {
		t.Fatalf("only %d shards used", len(seen))
	}
	if shardOf("xs-01") != 8 {
		t.Fatalf("xs-01 is in shard %d: what was enrolled before would be lost", shardOf("xs-01"))
	}
}
