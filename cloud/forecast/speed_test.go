package forecast

import (
	"encoding/json"
	"fmt"
	"testing"

	"allhours/protocol"
)

// crowd is a day of 1,000 cabinets with 30 articles each.
func crowd() (Chain, []Sales) {
	var c Chain
	for n := range 80 {
		c.Articles = append(c.Articles, Article{SKU: sku(n), Category: fmt.Sprint(n % 15), Price: protocol.Fen(200 + 10*n)})
	}
	var day []Sales
	for n := range 1000 {
		c.Cabinets = append(c.Cabinets, Cabinet{ID: cabinetID(n), Store: fmt.Sprint(n / 6)})
		for a := range 30 {
			s := Sales{Cabinet: cabinetID(n), SKU: sku((n + a) % 80)}
			for h := range 24 {
				s.Able[h] = 1
			}
			s.Sold[(n*7+a)%24] = 1 + a%3
			day = append(day, s)
		}
	}
	return c, day
}

func BenchmarkLearn(b *testing.B) {
	chain, day := crowd()
	m, d := New(China(), chain), firstDay
	for b.Loop() {
		if err := m.Learn(d, day); err != nil {
			b.Fatal(err)
		}
		d++
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(day)), "ns/pair")
	text, err := json.Marshal(m.State())
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(len(text))/float64(len(day)), "state-B/pair")
}

// BenchmarkOutlook asks what a plan asks: a week of one article in one cabinet, when its stock ends and what would be lost.
func BenchmarkOutlook(b *testing.B) {
	chain, day := crowd()
	m := New(China(), chain)
	for n := range 14 {
		if err := m.Learn(firstDay+Day(n), day); err != nil {
			b.Fatal(err)
		}
	}
	n := 0
	for b.Loop() {
		o := m.Outlook(day[n].Cabinet, day[n].SKU, (firstDay + 14).Hour(9), 168)
		_, _, _, _ = o.Empty(8), o.Quantile(0.5, 72), o.Quantile(0.9, 72), o.Lost(8, 72)
		n = (n + 1) % len(day)
	}
}
