package picking

import "allhours/protocol"

// Plan is the proposal of a store's next round.
type Plan struct {
	Choices []Choice // of every cabinet, the best first
	Needs   map[protocol.CabinetID][]Need
}

// Chosen is the cabinets that are visited, the best first.
func (p Plan) Chosen() []protocol.CabinetID {
	var all []protocol.CabinetID
	for _, c := range p.Choices {
		if c.Chosen {
			all = append(all, c.Cabinet)
		}
	}
	return all
}

// Make plans the next round of one store. What the store is short of goes to the cabinets that are visited; the needs of others tell
// what they would be brought if they were the only one.
func Make(cabinets []Cabinet, stock Stock, limits Limits, when When, p Policy) Plan {
	plan := Plan{Needs: make(map[protocol.CabinetID][]Need, len(cabinets))}
	stops := make([]Stop, 0, len(cabinets))
	for i := range cabinets {
		c := &cabinets[i]
		needs := Needs(c, when, p)
		Allocate(pointers(needs), stock, when, p)
		plan.Needs[c.ID] = needs
		stop := Stop{Cabinet: c.ID, Minutes: c.Minutes, Totes: c.Totes, Must: c.Must, Shut: c.Shut, Skip: Skipping(needs, when)}
		for _, n := range needs {
			stop.Units += n.Bring
		}
		stops = append(stops, stop)
	}
	plan.Choices = Choose(stops, limits, p)
	var visited []*Need
	for _, id := range plan.Chosen() {
		visited = append(visited, pointers(plan.Needs[id])...)
	}
	Allocate(visited, stock, when, p)
	plan.settle()
	return plan
}

// settle tells of each choice the units that it was given in the end.
func (p Plan) settle() {
	for i := range p.Choices {
		c := &p.Choices[i]
		c.Units = 0
		for _, n := range p.Needs[c.Cabinet] {
			c.Units += n.Bring
		}
	}
}

func pointers(needs []Need) []*Need {
	all := make([]*Need, len(needs))
	for i := range needs {
		all[i] = &needs[i]
	}
	return all
}
