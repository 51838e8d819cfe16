package cloud

import "context"

// DB is the cloud's memory of record. Every unit of work sees all tables through one Tx.
type DB interface {
	// Update runs work in one transaction and returns when it is durable; an error of work undoes all of it. Work runs
	// alone: it must be quick, must not keep tx, and must not call Update or View.
	Update(ctx context.Context, work func(tx Tx) error) error
	// View runs work on one snapshot; it must not write.
	View(ctx context.Context, work func(tx Tx) error) error
}

// Tx is one unit of work: one small table of each aggregate.
type Tx struct {
	// Try undoes only what work did where work fails. What the database itself refuses has CodeConflict, for it will
	// refuse it for ever; any other error without a code is the database's own trouble.
	Try func(work func() error) error

	Plans      Plans
	Cabinets   Cabinets
	Stays      Stays
	Prices     Prices
	Changes    PriceChanges
	Costs      Costs
	Shelves    Shelves
	Drafts     DraftTable
	Rollouts   RolloutTable
	Desired    DesiredStates
	Visits     VisitTable
	Steps      VisitSteps
	Orders     Orders
	Decisions  Decisions
	Claims     ClaimTable
	Cards      Cards
	Births     Births
	Air        AirTraces
	Senders    Senders
	Inbox      Inbox
	Quarantine Quarantine
	Incidents  Incidents
	Followed   IncidentSteps
	Noticed    IncidentTable
	Notices    NoticeTable
	Meters     Meters
	Spans      Calibrations
	Ledger     LedgerTable
	Sellers    Sellers
	Ops        PaymentOps
	Personal   PersonalOps
	Debts      DebtTable
	Resting    RestingTable
	Tasks      TaskTable
	Halts      Halts
	Handovers  HandoverTable
	Movements  Movements
	Counts     LaneCounts
	Lots       Lots
	Days       DayTable
	Wasted     WasteTable
	Closed     ClosedDays
	Scales     DayLevels
	Facts      DayFacts
	Doubts     DayDoubts
	Statements StatementTable
	Stated     StatementLines
	Disputes   DisputeTable
	Refunds    RefundTable
	Actions    Actions
	Messages   MessageTable
	Told       ToldTable
	Wishes     WishTable
	Consents   ConsentTable
	Erasures   Erasures
	Old        OldTable
	Persons    PersonTable
	Restored   RestoredTable
	Remembered RememberedTable
	Cases      CaseTable
	CaseTimes  CaseTimes
	Rounds     RoundTable
	RoundDoors RoundVisits
	RoundSteps RoundSteps
	Photos     RoundPhotoTable
	Policies   RefillPolicyTable
	Ends       MarkdownEnds
	Crew       Crew
	Past       PastTable
	Habits     RoundHabits
	Figures    RoundFigures
	Demand     DemandTable
	Learned    DemandParts
	Sold       SoldTable

	Totals TotalTable
	Work   DayWork

	Special SpecialTable

	CoverageFacts CoverageFacts
	CoverageHeads CoverageHeads
	CoverageRules CoverageRules
	CoverageDays  CoverageDays
	CoverageMarks CoverageMarks
}
