package payment

import (
	"unicode/utf8"

	"allhours/cloud"
	"allhours/protocol"
)

// What a provider shows a person of an order.
const (
	maxLines    = 100 // of one order
	maxLineName = 20  // characters of a line's name
)

// Texts of lines that are not goods.
const (
	textOthers = "其他商品"
	textLater  = "超出预留，另行收取"
	textDebt   = "补付欠款"
	textTopUp  = "余额充值"
)

// Line is one line of what an order is for.
type Line struct {
	Name string
	Qty  int
	Fen  protocol.Fen // of all of it; below zero where it lessens the amount
}

// linesOf tells what a visit is charged for: its bill, and where that is more than can be taken now, how much of it is
// charged apart. What goes beyond the lines that a provider takes is told in one of them, with its number and its sum.
func linesOf(bill []cloud.OrderLine, amount protocol.Fen) []Line {
	lines := make([]Line, 0, len(bill)+1)
	var sum protocol.Fen
	for _, l := range bill {
		line := Line{Name: shortened(l.Name.Zh), Qty: l.Qty, Fen: l.Price * protocol.Fen(l.Qty)}
		lines, sum = append(lines, line), sum+line.Fen
	}
	room := maxLines
	if sum != amount {
		room--
	}
	if len(lines) > room {
		others := Line{Name: textOthers}
		for _, l := range lines[room-1:] {
			others.Qty, others.Fen = others.Qty+l.Qty, others.Fen+l.Fen
		}
		lines = append(lines[:room-1], others)
	}
	if sum != amount {
		lines = append(lines, Line{Name: textLater, Qty: 1, Fen: amount - sum})
	}
	return lines
}

func shortened(name string) string {
	if utf8.RuneCountInString(name) <= maxLineName {
		return name
	}
	return string([]rune(name)[:maxLineName-1]) + "…"
}
