package server

import (
	"fmt"
	"time"
)

// pageKind is a page of which there are many: path is that of the i-th request.
type pageKind struct {
	name string
	as   reader
	path func(i int) string
}

// kinds are the pages and answers of the queue, the accounts and the fleet, and those of a resident.
func (c *months) kinds() []pageKind {
	return append(append(c.queuePages(), c.accountPages()...), c.fleetPages()...)
}

func fixed(path string) func(int) string { return func(int) string { return path } }

func (c *months) queuePages() []pageKind {
	return []pageKind{
		{"reviews", staff, fixed("/reviews")},
		{"case", staff, func(i int) string { return "/reviews/" + c.visit(c.waiting(i)) }},
		{"case_decided", staff, func(i int) string { return "/reviews/" + c.visit(c.decided(i)) }},
		{"disputes", staff, fixed("/disputes")},
		{"dispute", staff, func(i int) string { return "/disputes/" + c.objection(i) }},
		{"support_time", staff, func(i int) string { return "/support?cabinet=" + c.cabinet(i) + "&at=" + c.day(i) + "T12:00" }},
		{"support_number", staff, func(i int) string { return "/support?number=" + c.visit(i * 977 % c.size.Visits())[28:] }},
		{"support_person", staff, func(i int) string { return "/support?who=" + c.person(i) }},
		{"owed", staff, fixed("/owed")},
		{"support_visit", staff, func(i int) string { return "/support/" + c.visit(i*977%c.size.Visits()) }},
		{"api_reviews", staff, fixed("/api/v1/reviews")},
		{"api_figures", staff, fixed("/api/v1/reviews/figures")},
		{"api_disputes", staff, fixed("/api/v1/disputes")},
	}
}

func (c *months) accountPages() []pageKind {
	day := func(rest string) func(int) string {
		return func(i int) string { return "/reconcile/" + c.store(i) + "/" + c.day(i) + rest }
	}
	return []pageKind{
		{"reconcile", staff, func(i int) string { return "/reconcile?to=" + c.day(i) }},
		{"day", staff, day("")},
		{"day_today", staff, func(i int) string { return "/reconcile/" + c.store(i) + "/" + c.midnight.Format(time.DateOnly) }},
		{"goods_csv", staff, day("/goods.csv")},
		{"money_csv", staff, day("/money.csv")},
		{"statement_csv", staff, day("/statement.csv")},
		{"entries_csv", staff, day("/entries.csv")},
		{"statements", staff, fixed("/statements")},
		{"chain", staff, fixed("/chain")},
		{"chain_month", staff, func(i int) string { return "/chain?span=month&month=" + c.day(i)[:7] }},
		{"chain_cabinets", staff, fixed("/chain?span=four&by=cabinet")},
		{"chain_days", staff, fixed("/chain?span=four&by=day")},
		{"chain_store", staff, func(i int) string { return "/chain?span=four&figures=service&store=" + c.store(i) }},
		{"chain_csv", staff, fixed("/chain/totals.csv?span=four&by=cabinet")},
		{"api_totals", staff, func(i int) string { return "/api/v1/totals?by=cabinet&from=" + c.day(i) }},
		{"waste", staff, func(i int) string { return "/waste?store=" + c.store(i) + "&to=" + c.day(i) }},
		{"waste_entries", staff, func(i int) string { return "/waste/entries?store=" + c.store(i) + "&to=" + c.day(i) + "&sku=1001" }},
		{"api_reconcile", staff, func(i int) string { return "/api/v1/reconcile?to=" + c.day(i) }},
		{"api_day", staff, func(i int) string { return "/api/v1" + day("")(i) }},
		{"api_entries", staff, func(i int) string { return "/api/v1" + day("/entries")(i) }},
		{"api_statements", staff, fixed("/api/v1/statements")},
	}
}

func (c *months) fleetPages() []pageKind {
	return []pageKind{
		{"tonight", staff, fixed("/tonight")},
		{"store", staff, func(i int) string { return "/stores/" + c.store(i) }},
		{"cabinets", staff, fixed("/cabinets")},
		{"cabinets_of_store", staff, func(i int) string { return "/cabinets?state=away&store=" + c.store(i) }},
		{"visits", staff, fixed("/visits?sold=1")},
		{"visits_of_store", staff, func(i int) string { return "/visits?sold=1&store=" + c.store(i) }},
		{"cabinet", staff, func(i int) string { return "/cabinets/" + c.cabinet(i) }},
		{"service", staff, func(i int) string { return "/cabinets/" + c.cabinet(i) + "/service" }},
		{"visit", staff, func(i int) string { return "/v/" + c.visit(i*977%c.size.Visits()) }},
		{"replay", staff, func(i int) string { return "/v/" + c.visit(i*977%c.size.Visits()) + "/replay" }},
		{"purse_of", staff, func(i int) string { return "/purses/" + c.person(i) }},
		{"purse", resident, fixed("/purse")},
		{"privacy", resident, fixed("/privacy")},
		{"mydata", resident, fixed("/mydata")},
		{"receipt", resident, func(i int) string { return "/v/" + c.visit(c.own(i)) }},
		{"sticker", resident, func(i int) string { return "/c/" + c.cabinet(i) }},
		{"api_visit", resident, func(i int) string { return "/api/v1/visits/" + c.visit(c.own(i)) }},
		{"api_purse", resident, fixed("/api/v1/purse")},
		{"api_cabinets", staff, fixed("/api/v1/cabinets")},
		{"api_cabinet", staff, func(i int) string { return "/api/v1/cabinets/" + c.cabinet(i) }},
		{"api_tasks", staff, func(i int) string { return "/api/v1/cabinets/" + c.cabinet(i) + "/tasks" }},
		{"api_movements", staff, func(i int) string { return "/api/v1/movements?cabinet=" + c.cabinet(i) }},
		{"api_moved", staff, fixed("/api/v1/movements")},
		{"incidents", staff, fixed("/incidents")},
		{"incidents_over", staff, fixed("/incidents?state=over")},
		{"incidents_of_store", staff, func(i int) string { return "/incidents?kind=scale_fault&store=" + c.store(i) }},
		{"incident", staff, func(i int) string { return fmt.Sprintf("/incidents/%d", i+1) }},
		{"api_incidents", staff, fixed("/api/v1/incidents")},
		{"master", staff, fixed("/master")},
		{"stickers", staff, func(i int) string { return "/stickers?store=" + c.store(i) }},
		{"stickers_pdf", staff, func(i int) string { return "/stickers.pdf?store=" + c.store(i) }},
		{"hours", staff, fixed("/hours")},
		{"api_hours", staff, fixed("/api/v1/hours")},
		{"rollouts", staff, fixed("/rollouts")},
		{"api_rollouts", staff, fixed("/api/v1/rollouts")},
		{"api_drafts", staff, func(i int) string { return "/api/v1/drafts?cabinet=" + c.cabinet(i) }},
		{"coverage", staff, fixed("/coverage")},
		{"coverage_gaps", staff, func(i int) string { return "/coverage/" + c.store(i) + "/tables/gaps.csv" }},
		{"coverage_store", staff, func(i int) string { return "/coverage/" + c.store(i) }},
		{"api_coverage", staff, fixed("/api/v1/coverage")},
		{"api_coverage_store", staff, func(i int) string { return "/api/v1/coverage/" + c.store(i) }},
		{"markdowns", staff, fixed("/master/markdowns")},
		{"people", staff, fixed("/people")},
		{"audit", staff, fixed("/audit")},
		{"audit_of", staff, func(i int) string { return "/audit?who=owner&what=signed_in&from=" + c.day(i) + "&to=" + c.day(0) }},
		{"account", staff, fixed("/account")},
		{"expiry", staff, fixed("/expiry")},
		{"expiry_lane", staff, func(i int) string { return "/expiry/" + c.cabinet(i) + "/P1/1000" }},
	}
}

// The ids are those that crowd gives.
func (c *months) visit(n int) string { return fmt.Sprintf("01900001-0000-7000-8000-%012x", n) }

func (c *months) person(n int) string {
	return fmt.Sprintf("01900009-0000-7000-8000-%012x", n%c.size.People())
}
func (c *months) cabinet(i int) string { return fmt.Sprintf("c-%d", (i*7+1)%c.size.Cabinets) }
func (c *months) store(i int) string   { return fmt.Sprintf("s-%d", (i*7+1)%c.size.Stores) }

// day goes back over all the days that are over, the newest first.
func (c *months) day(i int) string {
	return c.midnight.AddDate(0, 0, -1-i*max(c.size.Days/50, 1)%c.size.Days).Format(time.DateOnly)
}

// waiting is a visit that waits for a person, decided one that did: of each 500 one came to that.
func (c *months) waiting(i int) int {
	first := max(c.size.Visits()-c.size.Visits()/c.size.Days*4+499, 0) / 500
	many := (c.size.Visits()+499)/500 - first
	if many <= 0 {
		return 0
	}
	return (first + i%many) * 500
}

func (c *months) decided(i int) int {
	return i % max((c.size.Visits()-c.size.Visits()/c.size.Days*4)/500, 1) * 500
}

// own is a visit of the resident who is signed in.
func (c *months) own(i int) int {
	return 3 + i%max(c.size.Visits()/c.size.People(), 1)*c.size.People()
}

func (c *months) objection(i int) string {
	return fmt.Sprintf("01900007-0000-7000-8000-%012x", i%max(c.size.Visits()/1000, 1)*1000+1)
}
