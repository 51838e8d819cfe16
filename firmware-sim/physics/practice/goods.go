package practice

import (
	_ "embed"
	"strconv"
	"strings"

	"allhours/protocol"
)

//go:embed goods.csv
var goodsCSV string

// good is an article as the master data knows it.
type good struct {
	sku      protocol.SKU
	unit, sd float64 // grams
	price    protocol.Fen
}

// catalogue reads the embedded list; that it is well formed is held by a test.
func catalogue() []good {
	var all []good
	for _, line := range strings.Split(strings.TrimSpace(goodsCSV), "\n")[1:] {
		f := strings.Split(line, ",")
		unit, _ := strconv.ParseFloat(f[1], 64)
		sd, _ := strconv.ParseFloat(f[2], 64)
		price, _ := strconv.ParseInt(f[3], 10, 64)
		all = append(all, good{sku: protocol.SKU(f[0]), unit: unit, sd: sd, price: protocol.Fen(price)})
	}
	return all
}
