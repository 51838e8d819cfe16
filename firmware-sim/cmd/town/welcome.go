package main

import (
	"fmt"
	"io"
	"strings"
)

// welcome tells how to be a resident, a manager and a shopper.
func welcome(w io.Writer, opts options, n neighbourhood, notReady []string) {
	first := n.Cabinets[0]
	pages, hand := "http://"+opts.port.address(), "http://"+opts.sim.address()
	good := first.Platforms[0].Goods[0].SKU
	fmt.Fprintf(w, `
The neighbourhood is up: %d cabinets, data in %s

  Resident   %s/c/%s
             Sign in with any phone number, such as +8613800000001; the code is shown to you.
  Manager    %s/staff/signin
             Name %s, password %s (with the same password %s services cabinets, %s fills them,
             %s says who works here, %s answers residents and %s looks on)

  Cabinets
`, len(n.Cabinets), opts.data, pages, first.ID, pages, managerName, managerPassword, technicianName, restockerName, ownerName, supportName, auditorName)
	for _, p := range n.Cabinets {
		fmt.Fprintf(w, "             %s/c/%s  %s: %s, %s\n", pages, p.ID, p.Layout, p.PlaceEn, p.PlaceZh)
	}
	fmt.Fprintf(w, `
  Be the shopper: press Open on the resident's page, then within 10 s
             curl -s %[1]s/cabinets/%[2]s/shopper -d '{"actions":[{"do":"pull"},{"do":"take","after_ms":800,"platform":"%[3]s","sku":"%[4]s","qty":1},{"do":"shut","after_ms":800}]}'
  What is really there:
             curl -s %[1]s/cabinets/%[2]s/truth
  Break something, or mend it:
             curl -s %[1]s/cabinets/%[2]s/fault -d '{"kind":"scale_silent","platform":"%[3]s"}'
             curl -s %[1]s/cabinets/%[2]s/fault -d '{"kind":"scale_silent","platform":"%[3]s","mend":true}'

`, hand, first.ID, first.Platforms[0].ID, good)
	if len(notReady) > 0 {
		fmt.Fprintf(w, "  Not selling yet: %s\n", strings.Join(notReady, ", "))
	}
	if opts.shoppers {
		fmt.Fprintln(w, "  Residents come by day and by night; SHOPPERS=0 leaves the cabinets to you.")
	}
	fmt.Fprintln(w, "  Ctrl-C stops everything.")
}
