package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"allhours/cloud/server"
	"allhours/protocol"
	"allhours/protocol/planogram"
)

const (
	mostReviews = 30.0 // of 1,000 visits, where --max-reviews does not say otherwise
	mostListed  = 10   // conflicts of one cabinet
	leastListed = 1.0  // of 1,000 visits; what is rarer is only counted
)

// verdict is an error that says no fault of the command: it did its work, and something stands against what it looked at.
type verdict struct{ text string }

func (v verdict) Error() string { return v.text }

// checkPlanogram does `planogram check`. Without a fleet's data the document must say all by itself.
func checkPlanogram(args []string, std streams) (work, error) {
	if len(args) == 0 || args[0] != "check" {
		return nil, errors.New("want planogram check")
	}
	flags := quietFlags("planogram check")
	asJSON, most := flags.Bool("json", false, ""), flags.Float64("max-reviews", mostReviews, "")
	if err := flags.Parse(args[1:]); err != nil {
		return nil, err
	}
	if *most < 0 {
		return nil, fmt.Errorf("--max-reviews %v: want 0 or more of 1,000 visits", *most)
	}
	document, err := readDocument(flags.Args(), std)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, admin *server.Admin) (err error) {
		var checks []server.PlanogramCheck
		if admin == nil {
			checks, err = server.CheckPlanograms(document)
		} else {
			checks, err = admin.CheckPlanograms(ctx, document)
		}
		if err != nil {
			return fmt.Errorf("nothing was checked:\n%w", err)
		}
		if *asJSON {
			err = json.NewEncoder(std.out).Encode(checks)
		} else {
			err = printChecks(std.out, checks)
		}
		if err != nil {
			return err
		}
		return judge(checks, *most)
	}, nil
}

// judge is nil where nothing stands against the planograms.
func judge(checks []server.PlanogramCheck, most float64) error {
	var against []string
	for _, c := range checks {
		if n := len(c.Before.Overloads()); n > 0 {
			against = append(against, fmt.Sprintf("cabinet %s: %d over capacity", c.Cabinet, n))
		}
		if c.Before.Reviews > most {
			against = append(against, fmt.Sprintf("cabinet %s: %.0f of 1,000 visits to review, want %.0f at most", c.Cabinet, c.Before.Reviews, most))
		}
	}
	if len(against) == 0 {
		return nil
	}
	return verdict{strings.Join(against, "\n")}
}

func printChecks(out io.Writer, checks []server.PlanogramCheck) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for i, c := range checks {
		if i > 0 {
			fmt.Fprintln(w)
		}
		fmt.Fprintf(w, "cabinet %s, %s %s: of 1,000 visits %s because goods weigh alike\n", c.Cabinet, c.Place.En, c.Place.Zh, fate(c.Before.Reviews, c.Before.Wrong))
		printPlatforms(w, c.Before.Platforms)
		printConflicts(w, c)
		printProposal(w, c)
	}
	return w.Flush()
}

func printPlatforms(w io.Writer, all []planogram.Load) {
	well := 0
	for _, l := range all {
		if l.Conflicts == 0 && l.Over() == 0 {
			well++
			continue
		}
		fmt.Fprintf(w, "  %s\tarticles: %d\t%s\t%s\n", l.Platform, l.Articles, burden(l), fate(l.Reviews, l.Wrong))
	}
	if well > 0 {
		fmt.Fprintf(w, "  platforms that nothing stands against: %d\n", well)
	}
}

// fate says what becomes of 1,000 visits.
func fate(reviews, wrong float64) string {
	return fmt.Sprintf("%s to review, %s billed wrong", number(reviews), number(wrong))
}

func number(n float64) string {
	if n > 0 && n < 1 {
		return "under 1"
	}
	return fmt.Sprintf("%.0f", n)
}

func burden(l planogram.Load) string {
	text := fmt.Sprintf("%.2f of %.2f kg", l.Weight.Grams()/1000, l.Capacity.Grams()/1000)
	if l.Over() > 0 {
		text += fmt.Sprintf(", OVER by %.2f kg", l.Over().Grams()/1000)
	}
	return text
}

func printConflicts(w io.Writer, c server.PlanogramCheck) {
	listed := 0
	for _, x := range c.Before.Conflicts {
		if listed == mostListed || x.Reviews+x.Wrong < leastListed {
			break
		}
		if listed == 0 {
			fmt.Fprintln(w, "  confused with each other:")
		}
		listed++
		fmt.Fprintf(w, "    %s\t%s\tand %s\t%.1f g apart\t%s\n", x.Platform, spell(c, x.A), spell(c, x.B), x.Gap.Grams(), fate(x.Reviews, x.Wrong))
	}
	if rest := len(c.Before.Conflicts) - listed; rest > 0 {
		fmt.Fprintf(w, "    rarer pairs: %d\n", rest)
	}
}

func printProposal(w io.Writer, c server.PlanogramCheck) {
	if len(c.Moves) > 0 {
		fmt.Fprintf(w, "  proposal: %s, moves: %d\n", fate(c.After.Reviews, c.After.Wrong), len(c.Moves))
		for _, m := range c.Moves {
			fmt.Fprintf(w, "    %s to %s\t%s\t%d units\n", m.From, m.To, name(c, m.SKU), m.Units)
		}
	}
	for _, sku := range c.Nowhere {
		fmt.Fprintf(w, "  confused wherever it lies: %s\n", name(c, sku))
	}
	if c.TooHeavy {
		fmt.Fprintln(w, "  no assignment was found that every platform can bear")
	}
}

func name(c server.PlanogramCheck, sku protocol.SKU) string {
	return fmt.Sprintf("%s %s", c.Names[sku].En, c.Names[sku].Zh)
}

func spell(c server.PlanogramCheck, units []planogram.Units) string {
	parts := make([]string, len(units))
	for i, u := range units {
		parts[i] = fmt.Sprintf("%d × %s", u.Qty, name(c, u.SKU))
	}
	return strings.Join(parts, " + ")
}
