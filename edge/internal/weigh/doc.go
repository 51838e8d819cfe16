// Package weigh polls the scales, each board in its own goroutine, and keeps what they say: the latest weights, which
// platforms cannot be trusted, and, while a visit is under way, the engine that turns weights into goods.
//
// It refuses to decide what a fault means for a sale: it only reports it.
package weigh
