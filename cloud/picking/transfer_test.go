package picking

import (
	"reflect"
	"slices"
	"testing"

	"allhours/protocol"
)

// twoLanes are a cabinet that has a lot of an article and one that has little; both are visited.
func twoLanes(give, take func(*Lane)) []Cabinet {
	lane := func(change func(*Lane)) []Platform {
		l := Lane{SKU: "1001", Price: 500, Cost: 300, Unit: 1, Demand: certain{24}}
		change(&l)
		return []Platform{{ID: "S1", Lanes: []Lane{l}}}
	}
	return []Cabinet{{ID: "a", Must: true, Minutes: 5, Platforms: lane(give)}, {ID: "b", Must: true, Minutes: 5, Platforms: lane(take)}}
}

func TestGoodsGoWhereTheyAreSold(t *testing.T) {
	when, p := tomorrow(), nightly()
	p.Days = 7
	from, to := Place{"a", "S1", "1001"}, Place{"b", "S1", "1001"}
	near := func(units int) func(*Lane) {
		return func(l *Lane) { l.Book, l.Lots = units, []Lot{{units, "2026-11-30"}} }
	}
	wants := func(each int) func(*Lane) {
		return func(l *Lane) { l.Demand = certain{each} }
	}
	for _, c := range []struct {
		name       string
		give, take func(*Lane)
		stock      Stock
		want       []Transfer
		bring      int // that the second is brought from the store beside it
	}{
		// Until the end of the 30th are 52 hours: two are sold where they lie, and with one each 6 hours eight where they are lacking.
		{"what would not be sold before its date goes where it is", near(6), wants(6), nil, []Transfer{{from, to, 4, Expiring}}, 25},
		{"no more goes than is sold there before its date", near(20), wants(6), nil, []Transfer{{from, to, 8, Expiring}}, 21},
		{"what is sold in time stays", near(2), wants(6), nil, nil, 29},
		{"nothing goes where enough lies", near(6), func(l *Lane) { l.Book, l.Demand = 40, certain{6} }, nil, nil, 0},
		{"what lies there beyond what is wanted fills what the store lacks", func(l *Lane) { l.Book = 30 }, wants(6), Stock{"1001": {{Units: 9}}}, []Transfer{{from, to, 20, Store}}, 9},
		{"what is wanted is not given away", func(l *Lane) { l.Book = 7 }, wants(6), Stock{"1001": {{Units: 9}}}, nil, 9},
		{"while the store has enough nothing that keeps is moved", func(l *Lane) { l.Book = 30 }, wants(6), nil, nil, 29},
		{"nothing is put where nothing more is brought", near(6), func(l *Lane) { l.Leaving, l.Demand = true, certain{6} }, nil, nil, 0},
	} {
		cabinets := twoLanes(c.give, c.take)
		plan := Make(cabinets, c.stock, Limits{}, when, p)
		got := plan.Transfers(cabinets, when, p)
		if !reflect.DeepEqual(got, c.want) || plan.Needs["b"][0].Bring != c.bring {
			t.Errorf("%s: want %v and %d brought, got %v and %d (%+v)", c.name, c.want, c.bring, got, plan.Needs["b"][0].Bring, plan.Needs["b"][0].Why)
		}
	}
}

func TestTransfersNeverGiveMoreThanLiesThereNorGoInACircle(t *testing.T) {
	rng := draw(t, 81)
	moved := 0
	for range 300 {
		var cabinets []Cabinet
		for n := range 4 {
			c := someCabinet(rng, n)
			c.Must = true
			cabinets = append(cabinets, c)
		}
		stock := Stock{"0000": {{Units: rng.IntN(10)}}, "0001": {{Units: rng.IntN(10)}}, "0004": nil}
		plan := Make(cabinets, stock, Limits{}, tomorrow(), nightly())
		before := map[Place]Need{}
		for _, needs := range plan.Needs {
			for _, n := range needs {
				before[n.Place] = n
			}
		}
		given := map[Place]int{}
		transfers := plan.Transfers(cabinets, tomorrow(), nightly())
		if _, straight := Order(plan.Chosen(), transfers); !straight {
			t.Fatalf("nobody can walk %v", transfers)
		}
		for _, x := range transfers {
			moved++
			given[x.From] += x.Units
			if x.Units < 1 || x.From.SKU != x.To.SKU || x.From.Cabinet == x.To.Cabinet || given[x.From] > max(before[x.From].Book-before[x.From].Expired, 0) {
				t.Fatalf("%+v of %+v", x, before[x.From])
			}
			if given[x.To] > 0 {
				t.Fatalf("%+v gives and gets", x.To)
			}
		}
		for _, needs := range plan.Needs {
			for _, n := range needs {
				if n.Bring < 0 || n.Bring > before[n.Place].Bring {
					t.Fatalf("%+v was to be brought %d", n, before[n.Place].Bring)
				}
			}
		}
	}
	if moved == 0 {
		t.Error("nothing was moved in any case")
	}
}

func TestStopsComeAfterThoseThatGiveThemGoods(t *testing.T) {
	move := func(from, to protocol.CabinetID) Transfer {
		return Transfer{From: Place{from, "S1", "1001"}, To: Place{to, "S1", "1001"}, Units: 1}
	}
	ids := []protocol.CabinetID{"a", "b", "c"}
	for _, c := range []struct {
		name  string
		moves []Transfer
		want  []protocol.CabinetID
		ok    bool
	}{
		{"without transfers they stay", nil, []protocol.CabinetID{"a", "b", "c"}, true},
		{"the one that gives is first", []Transfer{move("c", "a")}, []protocol.CabinetID{"b", "c", "a"}, true},
		{"a chain", []Transfer{move("c", "b"), move("b", "a")}, []protocol.CabinetID{"c", "b", "a"}, true},
		{"a circle", []Transfer{move("a", "b"), move("b", "a")}, nil, false},
	} {
		if got, ok := Order(ids, c.moves); ok != c.ok || ok && !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, %v", c.name, got, ok)
		}
	}
}
