package settle_test

import (
	"fmt"
	"testing"

	"allhours/protocol"
	"allhours/protocol/settle"
)

// lanes is a layout of so many trays of one article each.
func lanes(n int) settle.Layout {
	l := settle.Layout{Goods: map[protocol.SKU]settle.Good{}}
	for i := range n {
		sku := protocol.SKU(fmt.Sprintf("a%02d", i))
		l.Goods[sku] = settle.Good{Unit: protocol.Milligrams(60+17*i) * 1000, SD: 1500}
		l.Platforms = append(l.Platforms, settle.Platform{
			ID: protocol.PlatformID(fmt.Sprintf("L%02d", i)), Division: 500, Book: map[protocol.SKU]int{sku: 6},
		})
	}
	return l
}

// crowded is five shelves of ten articles each.
func crowded() settle.Layout {
	l := settle.Layout{Goods: map[protocol.SKU]settle.Good{}}
	for i := range 5 {
		p := settle.Platform{ID: protocol.PlatformID(fmt.Sprintf("S%d", i+1)), Capacity: 60_000_000, Division: 1000, Book: map[protocol.SKU]int{}}
		for k := range 10 {
			sku := protocol.SKU(fmt.Sprintf("a%d%d", i, k))
			l.Goods[sku] = settle.Good{Unit: protocol.Milligrams(40+53*k+7*i) * 1000, SD: 2500}
			p.Book[sku] = 5
		}
		l.Platforms = append(l.Platforms, p)
	}
	return l
}

func TestReadingsCostNoAllocation(t *testing.T) {
	v, err := settle.New(lanes(24), settle.Config{})
	if err != nil {
		t.Fatal(err)
	}
	at := int64(0)
	row := func() {
		at += 100
		for i := range 24 {
			v.Read(at, i, settle.Sample{Weight: protocol.Milligrams(500_000 + at%3*500), OK: true})
		}
	}
	if got := testing.AllocsPerRun(2000, row); got != 0 {
		t.Errorf("want no allocation for a row of 24 channels, got %v", got)
	}
}

func BenchmarkReadRowOf24(b *testing.B) {
	v, err := settle.New(lanes(24), settle.Config{})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	at := int64(0)
	for b.Loop() {
		at += 100
		for i := range 24 {
			v.Read(at, i, settle.Sample{Weight: protocol.Milligrams(500_000 + at%3*500), OK: true})
		}
	}
}

func BenchmarkDecide(b *testing.B) {
	for name, l := range map[string]settle.Layout{"24 lanes": lanes(24), "5 shelves of 10": crowded()} {
		b.Run(name, func(b *testing.B) {
			c := newCabinet(1, l)
			for k := range 6 {
				p := l.Platforms[k%len(l.Platforms)]
				for sku := range p.Book {
					c.take(int64(5000+2000*k), k%len(l.Platforms), sku, 1+k%2)
					break
				}
			}
			v, err := settle.New(l, settle.Config{})
			if err != nil {
				b.Fatal(err)
			}
			v.Door(c.opened, true)
			for _, s := range c.samples() {
				v.Read(s.at, s.platform, s.Sample)
			}
			v.Door(c.shut, false)
			b.ReportAllocs()
			for b.Loop() {
				v.Decide()
			}
		})
	}
}
