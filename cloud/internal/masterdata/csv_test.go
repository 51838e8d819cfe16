package masterdata

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/simplifiedchinese"

	"allhours/cloud"
	"allhours/cloud/internal/spreadsheet"
	"allhours/protocol"
)

const heads = "sku,name_zh,name_en,category,zone,gross_g,sd_g,price_fen,shelf_life_days,essential,cost_fen,vat_percent,min_age,case_size"

const water = "1001,饮用天然水 550ml,Spring water 550 ml,water,ambient,571.0,2.6,200,540,1,114,13,0,24"

// fleet is one that has the document of the other tests.
func fleet(t *testing.T) Known {
	t.Helper()
	d, err := Parse([]byte(good), Known{})
	if err != nil {
		t.Fatal(err)
	}
	k := Known{Chain: &d.Chain, Stores: d.Stores, Articles: d.Articles, Revision: 7}
	for _, c := range d.Cabinets {
		k.Cabinets = append(k.Cabinets, c.Cabinet)
	}
	return k
}

func TestACatalogueIsReadToTheLastMilligramAndFen(t *testing.T) {
	d, err := ParseCSV(cloud.MasterArticles, []byte(heads+"\n"+water), Known{})
	if err != nil {
		t.Fatal(err)
	}
	want := cloud.Article{
		SKU: "1001", Name: cloud.Text{Zh: "饮用天然水 550ml", En: "Spring water 550 ml"}, Category: "water", Zone: "ambient", Unit: 571_000, SD: 2_600,
		Price: 200, Cost: 114, ShelfLifeDays: 540, Essential: true, VATPercent: 13, CaseSize: 24,
	}
	if len(d.Articles) != 1 || !reflect.DeepEqual(d.Articles[0], want) {
		t.Errorf("got  %+v\nwant %+v", d.Articles, want)
	}
}

func TestATableIsReadAsTableProgramsSaveIt(t *testing.T) {
	plain := heads + "\n" + water + "\n"
	gbk, err := simplifiedchinese.GBK.NewEncoder().String(plain)
	if err != nil {
		t.Fatal(err)
	}
	reordered := "case_size,min_age,vat_percent,cost_yuan,essential,shelf_life_days,price_yuan,sd_g,gross_g,zone,category,name_en,name_zh,sku\n" +
		"24,0,13,1.14,yes,540,2.00,2.6,571,ambient,water,Spring water 550 ml,饮用天然水 550ml,1001\n"
	for name, c := range map[string]struct {
		text      string
		converted bool
	}{
		"plainly": {plain, false}, "with a byte order mark": {"\uFEFF" + plain, false}, "with the line ends of Windows": {strings.ReplaceAll(plain, "\n", "\r\n"), false},
		"in GBK": {gbk, true}, "with empty lines and columns at the end": {strings.ReplaceAll(plain, "\n", ",,\n") + ",,,\n\n", false},
		"in another order, in yuan": {reordered, false}, "with spaces around": {strings.ReplaceAll(plain, ",", " , "), false},
		"with heads in capitals": {strings.ToUpper(heads) + "\n" + water, false},
	} {
		d, err := ParseCSV(cloud.MasterArticles, []byte(c.text), Known{})
		if err != nil || len(d.Articles) != 1 || d.Articles[0].Name.Zh != "饮用天然水 550ml" || d.Articles[0].Price != 200 || d.Articles[0].Cost != 114 || d.converted != c.converted {
			t.Errorf("%s: %+v, converted %v, %v", name, d.Articles, d.converted, err)
		}
	}
}

func TestEveryLineThatIsWrongIsNamedWithItsColumnAndWhatWasWanted(t *testing.T) {
	rows := func(lines ...string) string { return heads + "\n" + strings.Join(lines, "\n") }
	swap := func(old, new string) string { return strings.Replace(water, old, new, 1) }
	articles, prices, stores, places := cloud.MasterArticles, cloud.MasterPrices, cloud.MasterStores, cloud.MasterPlanograms
	cases := []struct {
		name string
		kind cloud.MasterKind
		text string
		want []string
	}{
		{"a word for a price", articles, rows(swap(",200,", ",cheap,")), []string{`line 2, column price_fen: want a whole number from 1 to 1000000, got "cheap"`}},
		{"half a fen", prices, "sku,price_yuan\n1001,2.005", []string{`line 2, column price_yuan: want a number from 0.01 to 10000.00 with 2 decimals at most, got "2.005"`}},
		{"a price with a sign of money", prices, "sku,price_yuan\n1001,¥2", []string{`line 2, column price_yuan: want a number from 0.01`}},
		{"a weight in the smallest of dust", articles, rows(swap("571.0", "571.0001")), []string{`line 2, column gross_g: want a number from 0.001 to 1000000.000 with 3 decimals at most`}},
		{"nothing where something is wanted", articles, rows(swap("Spring water 550 ml", "")), []string{`line 2, column name_en: want a text, got nothing`}},
		{"faults in several lines", articles, rows(swap("ambient", "hot"), swap("1001", "1002"), swap("1001", "10 3"), swap(",24", ",0")), []string{
			`line 2, column zone: want one of ambient, chilled, got "hot"`, `line 4, column sku: want letters, digits`, `line 5, column case_size: want a whole number from 1 to 10000, got "0"`,
			`line 5, column sku: article "1001" is there twice`,
		}},
		{"a fault below a field with line breaks", articles, rows(swap("Spring water 550 ml", "\"Spring\nwater\""), strings.Replace(swap("1001", "1002"), "ambient", "hot", 1)), []string{
			`line 4, column zone: want one of ambient, chilled, got "hot"`,
		}},
		{"a fault behind a field with line breaks", articles, rows(strings.Replace(swap("Spring water 550 ml", "\"Spring\nwater\""), "ambient", "hot", 1)), []string{
			`line 3, column zone: want one of ambient`,
		}},
		{"a column that nobody knows", prices, "sku,price_yuan,colour\n1001,2,red", []string{`line 1, column colour: column "colour" is not known here: want sku, name_zh`}},
		{"columns that are missing", stores, "id,hours\ns1,", []string{`line 1, column name_zh: column name_zh is missing`, `line 1, column name_en: column name_en is missing`}},
		{"no price at all", prices, "sku\n1001", []string{`line 1, column price_yuan: column price_yuan is missing`}},
		{"two columns of a price", prices, "sku,price_yuan,price_fen\n1001,2,200", []string{`want only one of the columns price_yuan and price_fen`}},
		{"a column twice", prices, "sku,sku,price_fen\n1001,1001,200", []string{`column "sku" is there twice`}},
		{"too few fields", prices, "sku,price_yuan\n1001", []string{`line 2: want 2 fields as there are columns, got 1`, `line 2, column price_yuan: want a number from 0.01 to 10000.00 with 2 decimals at most, got nothing`}},
		{"too many fields", prices, "sku,price_yuan\n1001,2,3", []string{`line 2: want 2 fields as there are columns, got 3`}},
		{"a quotation mark astray", prices, "sku,price_yuan\n10\"01,2\n1001,x", []string{`line 2: a quotation mark stands where none can`, `line 3, column price_yuan`}},
		{"heads alone", prices, "sku,price_yuan\n\n", []string{`line 1: want one line or more below the names of the columns`}},
		{"nothing", prices, "", []string{`line 1: want a first line with the names of the columns: sku, name_zh`}},
		{"two bytes a letter", prices, "s\x00k\x00u\x00", []string{`want the text in UTF-8 or GB18030`}},
		{"bytes of no text", prices, "sku,price_yuan\n\xff\xff,2", []string{`want the text in UTF-8 or GB18030`}},
		{"too much", prices, strings.Repeat("x", cloud.MaxIntake+1), []string{`want 5242880 bytes at most, got 5242881`}},
		{"a price of nothing that is there", prices, "sku,price_yuan\n7777,2\n1001,2\n1001,3", []string{`line 2, column sku: no article "7777" here or in the fleet`, `line 4, column sku: article "1001" is there twice`}},
		{"hours that end before they begin", stores, "id,name_zh,name_en,hours\ns1,一,A,22:00-07:00\ns2,二,B,all day\ns3,三,C,7-22", []string{
			`line 2, column hours: want it to close after it opens`, `line 3, column hours: want spans such as 07:00-22:00, got "all"`,
			`line 3, column hours: want spans such as 07:00-22:00, got "day"`, `line 4, column hours: want a time of day such as 07:00, got "7"`,
			`line 4, column hours: want a time of day such as 07:00, got "22"`, `line 4, column hours: want it to close after it opens`,
		}},
		{"places that are none", places, "cabinet,platform,sku,par\nxs-09,S1,1001,5\nxs-01,S9,1001,5\nxs-01,S1,7777,5\nxs-01,S1,1001,-1", []string{
			`line 2, column cabinet: no cabinet "xs-09" in the fleet`, `line 3, column platform: cabinet xs-01 has no platform "S9"`,
			`line 4, column sku: no article "7777"`, `line 5, column par: want a whole number from 0 to 10000, got "-1"`,
		}},
		{"a place for people of an age", places, "cabinet,platform,sku\nxs-01,S1,9001", []string{`line 2, column sku: article "9001" may be sold from the age of 18 only`}},
		{"a platform that is empty and is not", places, "cabinet,platform,sku\nxs-01,S1,\nxs-01,S1,1001", []string{`line 3, column sku: want no other line of a platform that is left empty`}},
		{"too heavy a platform", places, "cabinet,platform,sku,par\nxs-01,S1,1001,80", []string{`line 2, column sku: weigh 45680000 mg: the platform carries 30000000 mg`}},
		{"bar codes that are none", articles, heads + ",barcodes\n" + water + ",6901234567890\n" + swap("1001", "1002") + ",96385074 x 96385074", []string{
			`line 2, column barcodes: want bar codes of 8, 12 or 13 digits with their check digit, got "6901234567890"`, `line 3, column barcodes: want bar codes of 8, 12 or 13 digits with their check digit, got "x"`,
			`line 3, column barcodes: bar code "96385074" is there twice`,
		}},
		{"a bar code of two articles, once as UPC-A", articles, heads + ",barcodes\n" + water + ",036000291452\n" + swap("1001", "1002") + ",0036000291452", []string{
			`line 3, column barcodes: bar code "0036000291452" stands on article "1001" as well`,
		}},
		{"half a place on earth, and places that are none", cloud.MasterCabinets, "cabinet,latitude,longitude,hours\nxs-01,30.1,,\nxs-09,1,1,\nxs-01,91,0.0000001,25:00-26:00", []string{
			`line 2, column longitude: want both a latitude and a longitude, or neither`, `line 3, column cabinet: no cabinet "xs-09" in the fleet`, `line 4, column cabinet: cabinet "xs-01" is there twice`,
			`line 4, column latitude: want a number from -90.000000 to 90.000000 with 6 decimals at most, got "91"`, `line 4, column longitude: want a number from -180.000000`,
			`line 4, column hours: want a time of day such as 07:00, got "25:00"`, `line 4, column hours: want a time of day such as 07:00, got "26:00"`, `line 4, column hours: want it to close after it opens`,
		}},
		{"aisles of nothing", cloud.MasterAisles, "store,sku,aisle,turn\ns9,1001,1,1\ns1,7777,1,1\ns1,1001,1,-1\ns1,1001,,4", []string{
			`line 2, column store: no store "s9"`, `line 3, column sku: no article "7777"`, `line 4, column turn: want a whole number from 0 to 100000, got "-1"`,
			`line 5, column sku: article "1001" is there twice`, `line 5, column aisle: want the aisle that the turn is in`,
		}},
		{"a lane that is filled above its room", places, "cabinet,platform,sku,par,room\nxs-01,S1,1001,9,8", []string{`line 2, column par: only 8 units fit`}},
		{"an article that becomes too old for where it lies", articles, rows(swap(",0,24", ",18,24")), []string{`line 2, column min_age: article "1001" lies in cabinet xs-01 on S1`}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			known := fleet(t)
			d, err := ParseCSV(c.kind, []byte(c.text), known)
			if err == nil {
				_, err = Check(d, known)
			}
			bad, is := errors.AsType[*cloud.BadData](err)
			if !is || protocol.CodeOf(err) != cloud.CodeBadData {
				t.Fatalf("got %v, want faults", err)
			}
			if len(bad.Faults) != len(c.want) {
				t.Errorf("%d faults, want %d:\n%v", len(bad.Faults), len(c.want), err)
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got %v\nwant %q", err, want)
				}
			}
		})
	}
}

func TestFaultsAboveAThousandAreOnlyCounted(t *testing.T) {
	_, err := ParseCSV(cloud.MasterPrices, []byte("sku,price_yuan\n"+strings.Repeat("1001,x\n", 1500)), fleet(t))
	bad, is := errors.AsType[*cloud.BadData](err)
	if !is || len(bad.Faults) != maxFaults || len(bad.Faults)+bad.More != 1500+1499 { // each price, and each article that is there again
		t.Errorf("%d faults and %d more", len(bad.Faults), bad.More)
	}
}

func TestEachFaultIsSaidInChineseToo(t *testing.T) {
	said := 0
	for _, file := range []string{"cabinets.go", "csv.go", "node.go", "parse.go", "planogram.go", "service.go", "shelf.go"} {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`\.(?:bad|add)\((?:[^"\n]*, )?("(?:[^"\\]|\\.)*")`).FindAllStringSubmatch(string(source), -1) {
			var format string
			if _, err := fmt.Sscanf(m[1], "%q", &format); err != nil {
				t.Fatal(err)
			}
			if _, known := inChinese[format]; known {
				said++
				continue
			}
			if !jsonOnly[format] {
				t.Errorf("%s: %q has no Chinese", file, format)
			}
		}
	}
	if said < 20 {
		t.Errorf("only %d are found: the pattern does not find them any more", said)
	}
	verbs := regexp.MustCompile(`%[a-z]`)
	for en, zh := range inChinese {
		if a, b := verbs.FindAllString(en, -1), verbs.FindAllString(zh, -1); !reflect.DeepEqual(a, b) {
			t.Errorf("%q fills %v, %q fills %v", en, a, zh, b)
		}
	}
}

// jsonOnly are faults that only the administrator's tool meets, which speaks English.
var jsonOnly = map[string]bool{
	"%v": true, "want a list, got %s": true, "want an object, got %s": true, "not known here: want one of %s": true,
	"want one platform or more": true, "want one compartment or more": true, "no platform is in compartment %d": true, "compartment %d is there twice": true,
	"want a time zone of the IANA, such as Asia/Shanghai, got %q": true,
}

func TestWhatIsGivenOutChangesNothingWhenItIsTakenIn(t *testing.T) {
	known := fleet(t)
	known.Articles[0].Name.En = "Water, \"still\"\nor not"
	known.Articles[1].Retired, known.Articles[1].SD = true, 1
	known.Stores[0].Hours = append(known.Stores[0].Hours, cloud.Hours{Open: 1380, Close: 1440})
	known.Cabinets[0].Platforms[0].Par, known.Cabinets[0].Platforms[0].Room = map[protocol.SKU]int{"1001": 20}, map[protocol.SKU]int{"1001": 24}
	known.Articles[0].Barcodes = []cloud.Barcode{"6901234567892", "96385074"}
	known.Stores[0].At, known.Cabinets[0].At = cloud.Spot{Latitude: 30_184_200, Longitude: 120_000_010}, cloud.Spot{Latitude: -30_000_001, Longitude: -500}
	known.Cabinets[0].Hours = []cloud.Reach{{Days: 31, Hours: cloud.Hours{Open: 360, Close: 1320}}, {Days: 96, Hours: cloud.Hours{Open: 540, Close: 720}}}
	known.Shelves = []cloud.ShelfPlace{{Store: "s1", SKU: "1001", Aisle: "3 左", Turn: 12}}
	known.Cabinets[0].Platforms = append(known.Cabinets[0].Platforms, cloud.Platform{ID: "S2", Compartment: 1, Capacity: 9, Division: 1})
	for _, kind := range cloud.MasterKinds() {
		table, err := Export(kind, known)
		if err != nil {
			t.Fatal(err)
		}
		d, err := ParseCSV(kind, table, known)
		if err != nil {
			t.Fatalf("%s:\n%s\n%v", kind, table, err)
		}
		only, changes, unchanged := Changes(d.MasterData, known)
		if len(changes) != 0 || unchanged == 0 || len(only.Stores)+len(only.Articles)+len(only.Cabinets)+len(only.Shelves) != 0 {
			t.Errorf("%s: %+v changes, %d unchanged\n%s", kind, changes, unchanged, table)
		}
	}
	if _, err := Export("chain", known); protocol.CodeOf(err) != cloud.CodeNotFound {
		t.Errorf("a table that is none: %v", err)
	}
}

func TestAPlatformThatIsNotNamedStaysAsItIs(t *testing.T) {
	known := fleet(t)
	known.Articles = append(known.Articles, cloud.Article{SKU: "1002", Unit: 1000, Price: 1})
	known.Cabinets[0].Platforms = append(known.Cabinets[0].Platforms, cloud.Platform{ID: "S2", Compartment: 1, Capacity: 30_000_000, Division: 1000, SKUs: []protocol.SKU{"1001"}})
	d, err := ParseCSV(cloud.MasterPlanograms, []byte("cabinet,platform,sku,par\nxs-01,S2,1002,4\nxs-01,S2,1001,"), known)
	if err != nil {
		t.Fatal(err)
	}
	_, changes, _ := Changes(d.MasterData, known)
	want := []cloud.MasterChange{{
		Kind: cloud.MasterPlanograms, Key: "xs-01 S2", Name: known.Cabinets[0].Place, Fields: []cloud.FieldChange{{Field: "sku", From: "1001", To: "1002 × 4, 1001"}},
	}}
	if !reflect.DeepEqual(changes, want) {
		t.Errorf("got  %+v\nwant %+v", changes, want)
	}
	if len(known.Cabinets[0].Platforms[1].SKUs) != 1 {
		t.Error("what is known was changed")
	}
}

func TestARetiredArticleStaysWhereItLiesAndGoesNowhereElse(t *testing.T) {
	known := fleet(t)
	known.Articles[0].Retired = true
	other := known.Cabinets[0]
	other.ID, other.Platforms = "xs-02", []cloud.Platform{{ID: "S1", Compartment: 1, Capacity: 30_000_000, Division: 1000}}
	known.Cabinets = append(known.Cabinets, other)
	if _, err := ParseCSV(cloud.MasterPlanograms, []byte("cabinet,platform,sku\nxs-01,S1,1001"), known); err != nil {
		t.Errorf("where it lies: %v", err)
	}
	_, err := ParseCSV(cloud.MasterPlanograms, []byte("cabinet,platform,sku\nxs-02,S1,1001"), known)
	if err == nil || err.Error() != `line 2, column sku: article "1001" is retired and has no place in cabinet xs-02 yet` {
		t.Errorf("elsewhere: %v", err)
	}
}

func TestPricesToComeAreComparedWithThoseThatHoldThen(t *testing.T) {
	now := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	known := fleet(t)
	known.Coming = []cloud.PriceChange{{From: now.Add(time.Hour), Prices: map[protocol.SKU]protocol.Fen{"1001": 250}}}
	for wait, want := range map[time.Duration]protocol.Fen{time.Minute: 200, time.Hour: 250, 2 * time.Hour: 250} {
		if got := priced(known.Articles, known.Coming, now.Add(wait))[0].Price; got != want {
			t.Errorf("after %v: %d, want %d", wait, got, want)
		}
	}
	if known.Articles[0].Price != 200 {
		t.Error("what is known was changed")
	}
}

func TestADecimalIsReadExactlyOrNotAtAll(t *testing.T) {
	for text, want := range map[string]int64{"12.50": 1250, "12.5": 1250, "12": 1200, "0.07": 7, "0.070": 7, "-3.1": -310, "007": 700} {
		if got, ok := decimal(text, 2); !ok || got != want {
			t.Errorf("%q is read as %d, %v", text, got, ok)
		}
	}
	for _, text := range []string{"", ".", "1.", ".5", "1.005", "1e3", "+1", "1,5", "1 2", "１", "--1", "92233720368547758.08", "0x1"} {
		if got, ok := decimal(text, 2); ok {
			t.Errorf("%q is read as %d", text, got)
		}
	}
	for want, i := range map[string]int64{"12.50": 1250, "0.07": 7, "-0.07": -7, "0.00": 0} {
		if got := spell(i, 2); got != want {
			t.Errorf("%d is written as %s", i, got)
		}
	}
}

// FuzzTable holds the reader to places within the text, whatever it is given, and to reading what it gives out.
func FuzzTable(f *testing.F) {
	for i, text := range []string{heads + "\n" + water, "sku,price_yuan\n1001,2.50", "id,name_zh,name_en,hours\ns1,一,A,07:00-22:00", "cabinet,platform,sku,par\nxs-01,S1,1001,3", "\"", "a\r\n\"b\nc\"\",\n", "\xEF\xBB\xBFsku"} {
		f.Add(byte(i), []byte(text))
	}
	f.Fuzz(func(t *testing.T, kind byte, text []byte) {
		kinds := cloud.MasterKinds()
		known := Known{Articles: []cloud.Article{{SKU: "1001", Unit: 1000, Price: 100}}, Cabinets: []cloud.Cabinet{{ID: "xs-01", Platforms: []cloud.Platform{{ID: "S1"}}}}}
		d, err := ParseCSV(kinds[int(kind)%len(kinds)], text, known)
		if err == nil {
			_, err = Check(d, known)
		}
		bad, is := errors.AsType[*cloud.BadData](err)
		if err != nil && !is {
			t.Fatalf("not a list of faults: %v", err)
		}
		lines := bytes.Count(text, []byte("\n")) + 1
		if bad == nil {
			if _, _, bad := spreadsheet.Decode(text); bad > 0 {
				t.Fatal("no text, and no fault")
			}
			return
		}
		for _, fault := range bad.Faults {
			if fault.Line < 0 || fault.Line > lines || fault.Why.En == "" || fault.Why.Zh == "" {
				t.Fatalf("fault %+v of %d lines", fault, lines)
			}
		}
	})
}
