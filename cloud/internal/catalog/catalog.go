// Package catalog names and prices what settlements and baskets list. It keeps what it read until the master data change,
// and decides nothing.
package catalog

import (
	"slices"
	"sync"

	"allhours/cloud"
	"allhours/cloud/ledger"
	"allhours/cloud/picking"
	"allhours/protocol"
	"allhours/protocol/settle"
)

// mostLists is how many price lists are remembered: cabinets have some of their own every day.
const mostLists = 200

// Book remembers the assortment and its price lists; safe for concurrent use.
type Book struct {
	mu       sync.Mutex
	revision uint64
	articles map[protocol.SKU]cloud.Article
	alike    map[protocol.SKU][]protocol.SKU // as far as somebody has asked
	prices   map[uint32]map[protocol.SKU]protocol.Fen
}

// New makes an empty book.
func New() *Book {
	return &Book{prices: make(map[uint32]map[protocol.SKU]protocol.Fen)}
}

// Articles are the assortment as it is now. The map must not be changed.
func (b *Book) Articles(tx cloud.Tx) (map[protocol.SKU]cloud.Article, error) {
	revision, err := tx.Plans.Revision()
	if err != nil {
		return nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.articles != nil && b.revision == revision {
		return b.articles, nil
	}
	list, err := tx.Plans.Articles()
	if err != nil {
		return nil, err
	}
	articles := make(map[protocol.SKU]cloud.Article, len(list))
	for _, a := range list {
		articles[a.SKU] = a
	}
	b.articles, b.alike, b.revision = articles, make(map[protocol.SKU][]protocol.SKU), revision
	return articles, nil
}

// Alike are the articles that are still sold and have nearly the name of one, by their numbers. The list must not be changed.
func (b *Book) Alike(tx cloud.Tx, sku protocol.SKU) ([]protocol.SKU, error) {
	articles, err := b.Articles(tx)
	if err != nil {
		return nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if found, known := b.alike[sku]; known {
		return found, nil
	}
	found, look := []protocol.SKU{}, articles[sku].Look()
	for _, other := range articles {
		if !other.Retired && picking.SameName(look, other.Look()) {
			found = append(found, other.SKU)
		}
	}
	slices.Sort(found)
	b.alike[sku] = found
	return found, nil
}

// Prices are one price list, which never changes; cloud.CodeUnknownPrice where there is none. The map must not be changed.
func (b *Book) Prices(tx cloud.Tx, version uint32) (map[protocol.SKU]protocol.Fen, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if list, known := b.prices[version]; known {
		return list, nil
	}
	list, err := tx.Prices.Of(version)
	if err != nil {
		return nil, err
	}
	if len(b.prices) >= mostLists {
		clear(b.prices)
	}
	b.prices[version] = list
	return list, nil
}

// Lines names and prices the lines by a price version. What cannot be named or priced is left out, and why says which it
// was; an error is one of the store.
func (b *Book) Lines(tx cloud.Tx, lines []settle.Line, version uint32) (priced []cloud.OrderLine, total protocol.Fen, why protocol.Code, err error) {
	priced = []cloud.OrderLine{}
	articles, err := b.Articles(tx)
	if err != nil {
		return nil, 0, "", err
	}
	prices, err := b.Prices(tx, version)
	if protocol.CodeOf(err) == cloud.CodeUnknownPrice {
		return priced, 0, cloud.CodeUnknownPrice, nil
	}
	if err != nil {
		return nil, 0, "", err
	}
	for _, l := range lines {
		article, known := articles[l.SKU]
		price, isPriced := prices[l.SKU]
		switch {
		case !known:
			why = cloud.CodeUnknownArticle
		case !isPriced:
			why = cloud.CodeUnknownPrice
		case price == 0:
			why = cloud.CodeNotForSale
		case l.Qty <= 0 || l.Qty > ledger.MaxUnits:
			why = cloud.CodeUncertain
		default:
			priced = append(priced, cloud.OrderLine{SKU: l.SKU, Name: article.Name, Qty: l.Qty, Price: price})
			total += price * protocol.Fen(l.Qty)
		}
	}
	return priced, total, why, nil
}
