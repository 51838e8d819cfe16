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
