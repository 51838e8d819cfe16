package masterdata

import (
	"reflect"
	"strings"
	"testing"

	"allhours/cloud"
	"allhours/protocol"
)

// shelved is a fleet of which everything that a walk wants is said.
func shelved(t *testing.T) Known {
	t.Helper()
	said := strings.NewReplacer(
		`"hours": [{"open"`, `"latitude": 30.1842, "longitude": 120.264, "hours": [{"open"`,
		`"layout"`, `"latitude": 30.185, "longitude": 120.265, "hours": [{"open": "06:00", "close": "23:00"}], "layout"`,
		`"case_size": 24`, `"case_size": 24, "barcodes": ["6901234567892", "036000291452"]`,
		`"stock": 8`, `"stock": 8, "room": 12`,
		`"cabinets"`, `"aisles": [{"store": "s1", "sku": "1001", "aisle": "3", "turn": 4}], "cabinets"`,
	).Replace(good)
	d, err := Parse([]byte(said), Known{})
	if err != nil {
		t.Fatal(err)
	}
	k := Known{Chain: &d.Chain, Stores: d.Stores, Articles: d.Articles, Shelves: d.Shelves}
	for _, c := range d.Cabinets {
		k.Cabinets = append(k.Cabinets, c.Cabinet)
	}
	return k
}

func TestADocumentSaysWhereThingsLieAndStand(t *testing.T) {
	k := shelved(t)
	c := k.Cabinets[0]
	got := []any{k.Stores[0].At, c.At, c.Hours, c.Platforms[0].Room, k.Articles[0].Barcodes, k.Shelves}
	want := []any{
		cloud.Spot{Latitude: 30_184_200, Longitude: 120_264_000},
		cloud.Spot{Latitude: 30_185_000, Longitude: 120_265_000},
		[]cloud.Reach{{Hours: cloud.Hours{Open: 360, Close: 1380}}},
		map[protocol.SKU]int{"1001": 12},
		[]cloud.Barcode{"6901234567892", "036000291452"},
		[]cloud.ShelfPlace{{Store: "s1", SKU: "1001", Aisle: "3", Turn: 4}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if metres := k.Stores[0].At.Metres(c.At); metres < 160 || metres > 180 {
		t.Errorf("the way is %d m", metres)
	}
}

func TestWhatATableDoesNotSpeakOfStaysAndWhatItEmptiesGoes(t *testing.T) {
	cases := []struct {
		name string
		kind cloud.MasterKind
		text string
		want []cloud.FieldChange // of the only change; nil: nothing changes
	}{
		{"articles without their bar codes", cloud.MasterArticles, heads + "\n1001,水,Water,water,ambient,571,2.6,200,540,1,114,13,0,24", nil},
		{"articles with none", cloud.MasterArticles, heads + ",barcodes\n1001,水,Water,water,ambient,571,2.6,200,540,1,114,13,0,24,", []cloud.FieldChange{{Field: "barcodes", From: "6901234567892 036000291452"}}},
		{"stores without their place", cloud.MasterStores, "id,name_zh,name_en,hours\ns1,一店,First,07:00-22:00", nil},
		{"stores whose place nobody knows", cloud.MasterStores, "id,name_zh,name_en,hours,latitude,longitude\ns1,一店,First,07:00-22:00,,", []cloud.FieldChange{{Field: "latitude", From: "30.184200"}, {Field: "longitude", From: "120.264000"}}},
		{"places without the room", cloud.MasterPlanograms, "cabinet,platform,sku\nxs-01,S1,1001", nil},
		{"places with no room said", cloud.MasterPlanograms, "cabinet,platform,sku,room\nxs-01,S1,1001,", []cloud.FieldChange{{Field: "sku", From: "1001 ≤ 12", To: "1001"}}},
		{"cabinets of which only the hours are said", cloud.MasterCabinets, "cabinet,hours\nxs-01,", []cloud.FieldChange{{Field: "hours", From: "06:00-23:00"}}},
		{"cabinets that moved", cloud.MasterCabinets, "cabinet,latitude,longitude\nxs-01,30.2,120.3", []cloud.FieldChange{{Field: "latitude", From: "30.185000", To: "30.200000"}, {Field: "longitude", From: "120.265000", To: "120.300000"}}},
		{"aisles that do not name it", cloud.MasterAisles, "store,sku,aisle\ns1,9001,2", []cloud.FieldChange{{Field: "aisle", To: "2"}}},
		{"an aisle that it is in no more", cloud.MasterAisles, "store,sku,aisle\ns1,1001,", []cloud.FieldChange{{Field: "aisle", From: "3"}, {Field: "turn", From: "4"}}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			known := shelved(t)
			d, err := ParseCSV(c.kind, []byte(c.text), known)
			if err != nil {
				t.Fatal(err)
			}
			_, changes, _ := Changes(d.MasterData, known)
			if len(changes) == 0 && c.want == nil {
				return
			}
			if len(changes) != 1 || !reflect.DeepEqual(changes[0].Fields, c.want) {
				t.Errorf("got %+v, want %+v", changes, c.want)
			}
		})
	}
}

func TestABarCodeThatTheFleetHasBelongsToOneArticle(t *testing.T) {
	known := shelved(t)
	_, err := ParseCSV(cloud.MasterArticles, []byte(heads+",barcodes\n9002,茶,Tea,tea,ambient,500,2,300,90,0,100,13,0,12,6901234567892"), known)
	if err == nil || err.Error() != `line 2, column barcodes: bar code "6901234567892" stands on article "1001" as well` {
		t.Errorf("got %v", err)
	}
}

func TestALineOfATableAddsACabinetThatIsLikeAnother(t *testing.T) {
	known := shelved(t)
	known.Articles[0].Retired = false
	text := "cabinet,store,number,place_zh,place_en,latitude,longitude,hours,like\n" +
		"xs-01,,,,,30.185,120.265,06:00-23:00,\nxs-77,s1,7,北门,North gate,30.19,120.26,mon-fri 06:00-22:00,xs-01"
	d, err := ParseCSV(cloud.MasterCabinets, []byte(text), known)
	if err != nil {
		t.Fatal(err)
	}
	m, changes, unchanged := Changes(d.MasterData, known)
	if len(changes) != 1 || !changes[0].Added || changes[0].Key != "xs-77" || unchanged == 0 || len(m.Cabinets) != 1 {
		t.Fatalf("changes %+v, of %d cabinets", changes, len(m.Cabinets))
	}
	got, model := m.Cabinets[0], known.Cabinets[0]
	if got.Store != "s1" || got.Number != 7 || got.Place != (cloud.Text{Zh: "北门", En: "North gate"}) || got.Shard != shardOf("xs-77") || !got.At.Known() || len(got.Hours) != 1 {
		t.Errorf("it is %+v", got.Cabinet)
	}
	if got.Layout != model.Layout || !reflect.DeepEqual(got.Platforms, model.Platforms) || len(got.Stock) != len(model.Platforms) || len(got.Stock["S1"]) != 0 {
		t.Errorf("it is built and filled otherwise: %+v, %+v", got.Platforms, got.Stock)
	}
	known.Articles[0].Retired = true
	if d, err = ParseCSV(cloud.MasterCabinets, []byte(text), known); err != nil || len(d.Cabinets[1].Platforms[0].SKUs) != 0 || d.Cabinets[1].Platforms[0].Room != nil {
		t.Errorf("what is retired got a new place: %v, %+v", err, d.Cabinets)
	}
}

func TestEachLineThatCannotAddACabinetIsTold(t *testing.T) {
	const head = "cabinet,store,number,place_zh,place_en,like\n"
	for text, want := range map[string]string{
		"xs-77,s1,7,北门,North gate,":                  `line 2, column cabinet: no cabinet "xs-77" in the fleet: to add it, name one that it is like, with store, number, place_zh and place_en`,
		"xs-77,s1,7,北门,North gate,xs-99":             `line 2, column like: no cabinet "xs-99" in the fleet that it could be like`,
		"xs-77,s9,7,北门,North gate,xs-01":             `line 2, column store: no store "s9" here or in the fleet`,
		"xs-77,s1,seven,北门,North,xs-01":              `line 2, column number: want a whole number from 1 to 10000, got "seven"`,
		"xs-77,s1,7,,North gate,xs-01":               `line 2, column place_zh: want a text, got nothing`,
		"xs 77,s1,7,北门,North gate,xs-01":             `line 2, column cabinet: `,
		"xs-77,s1,7,北,N,xs-01\nxs-77,s1,8,北,N,xs-01": `line 3, column cabinet: cabinet "xs-77" is there twice`,
	} {
		d, err := ParseCSV(cloud.MasterCabinets, []byte(head+text), shelved(t))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, and %d cabinets; want %s", text, err, len(d.Cabinets), want)
		}
	}
}
