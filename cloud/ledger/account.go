package ledger

import "allhours/protocol"

// Account names one pile of goods or money.
type Account string

// Accounts of which there is one.
const (
	Opening  Account = "opening"  // goods: where counted stock comes from
	Supplier Account = "supplier" // goods: where a store's come from
	Lost     Account = "lost"
	Found    Account = "found"
	Provider Account = "provider" // money: captured, to be paid out
	Waived   Account = "waived"   // money: billed and forgiven
	Withheld Account = "withheld" // money: what the provider kept of what it captured; with Provider, what it pays out
	Chain    Account = "chain"    // money: what selling costs the chain, which are the provider's fees
)

// StockPrefix begins the accounts of everything that lies in a cabinet where it belongs.
func StockPrefix(cabinet protocol.CabinetID) Account { return "stock:" + Account(cabinet) + ":" }

// Stock is the goods on one platform.
func Stock(cabinet protocol.CabinetID, p protocol.PlatformID) Account {
	return StockPrefix(cabinet) + Account(p)
}

// Stray is goods on a platform where they do not belong.
func Stray(cabinet protocol.CabinetID, p protocol.PlatformID) Account {
	return "stray:" + Account(cabinet) + ":" + Account(p)
}

// Sold is what a cabinet sold.
func Sold(cabinet protocol.CabinetID) Account { return "sold:" + Account(cabinet) }

// Undecided is goods that left in a visit which a human must decide.
func Undecided(v protocol.VisitID) Account { return "undecided:" + Account(v.String()) }

// Resident is the money of a person, as far as it was reserved.
func Resident(person protocol.UUID) Account { return "resident:" + Account(person.String()) }

// Hold is the money reserved for a visit.
func Hold(v protocol.VisitID) Account { return "hold:" + Account(v.String()) }

// Due is what a visit was billed and is not yet captured, owed or waived.
func Due(v protocol.VisitID) Account { return "due:" + Account(v.String()) }

// Debt is what a person owes.
func Debt(person protocol.UUID) Account { return "debt:" + Account(person.String()) }

// Store is the turnover of a store: what it billed.
func Store(id string) Account { return "store:" + Account(id) }

// Refunded is what a store gave back of its turnover.
func Refunded(store string) Account { return "refund:" + Account(store) }

// Cash is the money in the stores' tills that prepaid balances were filled with, less what the tills handed out of them.
const Cash Account = "cash"

// Prepaid is what the chain owes a person who paid ahead, free to be used; it is never above zero.
func Prepaid(person protocol.UUID) Account { return "prepaid:" + Account(person.String()) }

// Reserved is the part of what a person paid ahead that visits under way may use; it is never above zero.
func Reserved(person protocol.UUID) Account { return "reserved:" + Account(person.String()) }
