package cloud

import (
	"time"

	"allhours/protocol"
	"allhours/protocol/wire"
)

// MasterData is what a chain plans: itself, its stores, its assortment and its cabinets.
type MasterData struct {
	Chain    Chain
	Stores   []Store
	Articles []Article
	Cabinets []PlannedCabinet

	Markdowns Markdowns    // those that it does not name stay as they are
	Shelves   []ShelfPlace // likewise

	Draft    string       // why the places of the cabinets wait for a restocker; empty: they hold at once
	Coming   *PriceChange // prices that hold from a later time on; nil: none
	Revision uint64       // of the master data that it was checked against; 0: whichever they are
	By       string       // who says it; empty: the administrator's tool
}

// PlannedCabinet is a cabinet with its opening stock, which counts only where the cabinet is new.
type PlannedCabinet struct {
	Cabinet
	Stock map[protocol.PlatformID]map[protocol.SKU]int
}

// Plans are the chain's master data without its cabinets and its shelves.
type Plans interface {
	// Save replaces the chain, adds or changes stores and articles, and leaves those it does not name. Nothing else of m is
	// looked at, and the revision grows.
	Save(m MasterData) error
	// Chain has CodeNotFound before the first Save.
	Chain() (Chain, error)
	Stores() ([]Store, error)
	Articles() ([]Article, error)
	// Article has CodeUnknownArticle where there is none.
	Article(sku protocol.SKU) (Article, error)
	Markdowns() (Markdowns, error)
	// Revision grows with every change of master data, so that readers know when to look again.
	Revision() (uint64, error)
}

// Cabinets are the planned cabinets and how each signs in.
type Cabinets interface {
	// Save adds or changes one, and writes down where it stands from a moment on where that is new; added tells whether the
	// cabinet itself is.
	Save(c Cabinet, at time.Time) (added bool, err error)
	List() ([]Cabinet, error)
	// Find has CodeUnknownCabinet where there is none.
	Find(id protocol.CabinetID) (Cabinet, error)
	// Enrol sets the hash of the password that the cabinet signs in with; CodeUnknownCabinet where there is none.
	Enrol(id protocol.CabinetID, passwordHash []byte) error
	// Enrolment has CodeUnknownCabinet where the cabinet is not planned or not enrolled.
	Enrolment(id protocol.CabinetID) (Enrolment, error)
}

// Enrolment is how a cabinet is known at the broker.
type Enrolment struct {
	Cabinet      protocol.CabinetID
	Shard        uint8
	PasswordHash []byte
}

// Prices are the chain's price lists; a version never changes once it is there.
type Prices interface {
	// Current is the newest version of the chain's own, 0 before the first.
	Current() (uint32, error)
	// In is the version by which a cabinet sells: the chain's, or where it is newer, the cabinet's own.
	In(cabinet protocol.CabinetID) (uint32, error)
	// Own lists the newest version of each cabinet that ever had one of its own, by cabinet.
	Own() ([]OwnPrices, error)
	// Of has CodeUnknownPrice for a version that was never there.
	Of(version uint32) (map[protocol.SKU]protocol.Fen, error)
	Add(version uint32, prices map[protocol.SKU]protocol.Fen, at time.Time) error
	// Set adds a version of a cabinet's own, under the next number.
	Set(own OwnPrices, at time.Time) (version uint32, err error)
	// Next is the number that the next version has.
	Next() (uint32, error)
}

// OwnPrices are what differs in one cabinet from the chain's prices. They hold until the chain's or the cabinet's next version.
type OwnPrices struct {
	Version uint32
	Cabinet protocol.CabinetID
	Base    uint32                        // the chain's version
	Prices  map[protocol.SKU]protocol.Fen // 0: it is not sold there
}

// DesiredStates are the versions of each cabinet's desired state; wire.Config.Config.FleetEpoch is filled when one is sent.
type DesiredStates interface {
	Latest(cabinet protocol.CabinetID) (c wire.Config, found bool, err error)
	// Version is that of the latest; 0 where there is none.
	Version(cabinet protocol.CabinetID) (uint64, error)
	// Versions are those of all cabinets of the plans, 0 of those that have none.
	Versions() (map[protocol.CabinetID]uint64, error)
	At(cabinet protocol.CabinetID, version uint64) (c wire.Config, found bool, err error)
	Add(c wire.Config, at time.Time) error
	// Added grows with every Add.
	Added() (uint64, error)
	// FleetEpoch is 1, and more after each restore of a backup.
	FleetEpoch() (uint64, error)
}
