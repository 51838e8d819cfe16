package reconcile

import "allhours/protocol"

// Sale is what was billed of one article; below zero, what was given back of an earlier bill, or came back of its goods.
type Sale struct {
	Cabinet protocol.CabinetID
	SKU     protocol.SKU
	Qty     int64
	Gross   protocol.Fen // the lines as billed, with the tax
}

// GivenBack is one line of a ruling by which an operation gave something back.
type GivenBack struct {
	Op      protocol.UUID
	Cabinet protocol.CabinetID
	Amount  protocol.Fen // that the operation gave back, of all lines
	SKU     protocol.SKU
	Ruled   protocol.Fen // for this line
}

// Divide makes negative sales of what was given back. Where an operation gave back a part of what was ruled, each line has its share, and
// the last one what is left of it.
func Divide(lines []GivenBack) []Sale {
	all := make([]Sale, 0, len(lines))
	for len(lines) > 0 {
		n := 0
		var ruled protocol.Fen
		for n < len(lines) && lines[n].Op == lines[0].Op {
			ruled += lines[n].Ruled
			n++
		}
		rest := lines[0].Amount
		for i, l := range lines[:n] {
			share := rest
			if i < n-1 && ruled > 0 {
				share = l.Amount * l.Ruled / ruled
			}
			rest -= share
			all = append(all, Sale{Cabinet: l.Cabinet, SKU: l.SKU, Gross: -share})
		}
		lines = lines[n:]
	}
	return all
}

// Returned makes negative sales of goods that were sold on whichever day and are no longer: they cost nothing as sold any more.
func Returned(piles []Pile) []Sale {
	var all []Sale
	for _, p := range piles {
		article, goods := sku(p.Unit)
		kind, cabinet := p.kind()
		if goods && kind == "sold" && p.Amount < 0 {
			all = append(all, Sale{Cabinet: protocol.CabinetID(cabinet), SKU: article, Qty: p.Amount})
		}
	}
	return all
}

// Article is what an article costs and is taxed with.
type Article struct {
	Cost       protocol.Fen `json:"cost_fen"` // of one unit, without tax that is got back
	VATPercent int          // that the price has in it
}

// Earned is what was made of goods, at cost.
type Earned struct {
	Gross  protocol.Fen `json:"gross_fen"`
	Net    protocol.Fen `json:"net_fen"`  // without tax, less what was given back
	Cost   protocol.Fen `json:"cost_fen"` // of what was billed, less what came back or is otherwise sold no more
	Stock  protocol.Fen `json:"stock_fen"`
	Waste  protocol.Fen `json:"waste_fen"`  // written off
	Shrink protocol.Fen `json:"shrink_fen"` // lost less found
}

// Margin is what is left of the turnover.
func (e Earned) Margin() protocol.Fen { return e.Net - e.Cost }

// PerMille is the margin of 1,000 of the net turnover; 0 where there is none.
func (e Earned) PerMille() int64 {
	if e.Net <= 0 {
		return 0
	}
	return int64(e.Margin()) * 1000 / int64(e.Net)
}

// Add adds others up.
func (e Earned) Add(o Earned) Earned {
	return Earned{e.Gross + o.Gross, e.Net + o.Net, e.Cost + o.Cost, e.Stock + o.Stock, e.Waste + o.Waste, e.Shrink + o.Shrink}
}

// Earn values the goods and the sales of a day, for each cabinet. Tax is taken out of each article's sum and rounded once.
func Earn(lines []Goods, sales []Sale, articles map[protocol.SKU]Article) map[protocol.CabinetID]Earned {
	all := make(map[protocol.CabinetID]Earned)
	for _, g := range lines {
		e, cost := all[g.Cabinet], articles[g.SKU].Cost
		e.Stock += cost * protocol.Fen(g.Closing+g.Elsewhere)
		e.Waste -= cost * protocol.Fen(g.Total(WrittenOff))
		e.Shrink -= cost * protocol.Fen(g.Total(Lost)+g.Total(Found))
		all[g.Cabinet] = e
	}
	for _, s := range sales {
		e, a := all[s.Cabinet], articles[s.SKU]
		e.Gross += max(s.Gross, 0)
		e.Net += Net(s.Gross, a.VATPercent)
		e.Cost += a.Cost * protocol.Fen(s.Qty)
		all[s.Cabinet] = e
	}
	return all
}

// Net takes the tax out of a sum that has it in it, rounded to the nearest fen.
func Net(gross protocol.Fen, vatPercent int) protocol.Fen {
	whole := protocol.Fen(100 + vatPercent)
	if gross < 0 {
		return -Net(-gross, vatPercent)
	}
	return (gross*100 + whole/2) / whole
}
