package web

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"allhours/cloud"
	"allhours/cloud/picking"
	"allhours/protocol"
)

// moveField begins the names of the fields that say how many units a proposed transfer has.
const moveField = "move "

// movesByHand is how many transfers the form has lines for that nobody has proposed.
const movesByHand = 2

// moveRow is a transfer that is proposed.
type moveRow struct {
	Field               string // of the form
	Name, From, To, Why string
	Units               int
}

// laneChoice is a lane that a transfer may begin or end at.
type laneChoice struct{ Value, Say string }

// transferLine is a transfer of a round, and what became of it.
type transferLine struct {
	Name, From, To, State string
	Units                 int
	Short                 bool
}

// moveRows are the transfers that are proposed between the cabinets of a round.
func (v *view) moveRows(n cloud.StoreNeeds) (rows []moveRow) {
	cabinets, names := map[protocol.CabinetID]cloud.Cabinet{}, map[protocol.SKU]string{}
	for _, s := range n.Stops {
		cabinets[s.Cabinet.ID] = s.Cabinet
		for _, l := range s.Lines {
			names[l.SKU] = v.lang.Pick(l.Article.Name)
		}
	}
	place := func(at picking.Place) string {
		return v.say("cabinet.number", cabinets[at.Cabinet].Number) + " · " + string(at.Platform)
	}
	for _, t := range n.Transfers {
		rows = append(rows, moveRow{
			Field: moveField + laneText(t.From) + " " + string(t.To.Cabinet) + " " + string(t.To.Platform), Name: cmp.Or(names[t.From.SKU], string(t.From.SKU)),
			From: place(t.From), To: place(t.To), Why: v.say("round.move.why." + string(t.Why)), Units: t.Units,
		})
	}
	return rows
}

// laneText is how a form names a lane.
func laneText(at picking.Place) string {
	return string(at.Cabinet) + " " + string(at.Platform) + " " + string(at.SKU)
}

// laneChoices are the lanes of a store's cabinets, those of one article after each other.
func (v *view) laneChoices(n cloud.StoreNeeds) (all []laneChoice) {
	lines := []cloud.LaneNeed{}
	numbers := map[protocol.CabinetID]int{}
	for _, s := range n.Stops {
		numbers[s.Cabinet.ID] = s.Cabinet.Number
		lines = append(lines, s.Lines...)
	}
	slices.SortStableFunc(lines, func(a, b cloud.LaneNeed) int {
		return cmp.Or(cmp.Compare(a.SKU, b.SKU), cmp.Compare(numbers[a.Cabinet], numbers[b.Cabinet]), cmp.Compare(a.Platform, b.Platform))
	})
	for _, l := range lines {
		all = append(all, laneChoice{laneText(l.Place), v.say("round.move.lane", cmp.Or(v.lang.Pick(l.Article.Name), string(l.SKU)), numbers[l.Cabinet], string(l.Platform), max(l.Book, 0))})
	}
	return all
}

// transfersOf reads the transfers of a form between the cabinets that are visited: those that were proposed, and those by hand.
func transfersOf(form url.Values, cabinets []protocol.CabinetID) (all []cloud.RoundTransfer, err error) {
	visited := func(at picking.Place) bool { return slices.Contains(cabinets, at.Cabinet) }
	for field, values := range form {
		words, of := strings.CutPrefix(field, moveField)
		if parts := strings.Split(words, " "); of && len(parts) == 5 {
			t := cloud.RoundTransfer{From: placeOf(parts[:3]), To: placeOf([]string{parts[3], parts[4], parts[2]})}
			if t.Units, err = unitsOf(values[0]); err != nil {
				return nil, err
			}
			if t.Units != 0 && visited(t.From) && visited(t.To) {
				all = append(all, t)
			}
		}
	}
	slices.SortFunc(all, func(a, b cloud.RoundTransfer) int { return cmp.Or(a.From.Compare(b.From), a.To.Compare(b.To)) })
	for i, text := range form["moveunits"] {
		units, err := unitsOf(text)
		if err != nil {
			return nil, err
		}
		if units == 0 || i >= len(form["movefrom"]) || i >= len(form["moveto"]) {
			continue
		}
		from, to := strings.Split(form["movefrom"][i], " "), strings.Split(form["moveto"][i], " ")
		if len(from) != 3 || len(to) != 3 {
			return nil, protocol.Errorf(protocol.CodeMalformed, "transfers: want a lane that gives and one that gets")
		}
		all = append(all, cloud.RoundTransfer{From: placeOf(from), To: placeOf(to), Units: units})
	}
	return all, nil
}

func placeOf(parts []string) picking.Place {
	return picking.Place{Cabinet: protocol.CabinetID(parts[0]), Platform: protocol.PlatformID(parts[1]), SKU: protocol.SKU(parts[2])}
}

func unitsOf(text string) (int, error) {
	if text = strings.TrimSpace(text); text == "" {
		return 0, nil
	}
	units, err := strconv.Atoi(text)
	if err != nil {
		return 0, protocol.Errorf(protocol.CodeMalformed, "transfers: want a number of units")
	}
	return units, nil
}

// transferLines are the transfers of a round, with what became of each.
func (v *view) transferLines(r cloud.RoundView) (lines []transferLine) {
	place := func(at picking.Place) string {
		return v.say("cabinet.number", r.Cabinets[at.Cabinet].Number) + " · " + string(at.Platform)
	}
	for _, t := range r.Transfers {
		line := transferLine{Name: v.articleName(r, t.From.SKU), From: place(t.From), To: place(t.To), Units: t.Units}
		from, to := r.Stop(t.From.Cabinet), r.Stop(t.To.Cabinet)
		taken := r.Carries(t)
		switch {
		case from.State == cloud.StopDone || from.State == cloud.StopSkipped:
			line.Short = taken < t.Units
			line.State = v.say("round.move.taken", taken, t.Units)
			if to.State == cloud.StopDone {
				line.State += " · " + v.say("stop.state.done")
			}
			if to.State == cloud.StopSkipped && taken > 0 {
				line.Short, line.State = true, line.State+" · "+v.say("round.move.left")
			}
		default:
			line.State = v.say("round.move.ahead")
		}
		lines = append(lines, line)
	}
	return lines
}
