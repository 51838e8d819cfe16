package coverage

// look judges one moment into vec and causes.
func (w *sweep) look(t int64) {
	s := w.s
	w.causes, w.vec = w.causes[:0], append(w.vec[:0], 0)
	if len(w.able) < len(s.cabs) {
		w.able = make([][]possible, len(s.cabs))
	}
	best, standing := Uncovered, false
	for n, c := range s.cabs {
		w.able[n] = w.able[n][:0]
		if w.slots[c.stands] != none {
			standing = true
			best = better(best, w.doors(n, c, t))
		}
	}
	open := w.slots[s.open] != none
	whole := w.categories(t, best, open)
	switch {
	case open:
		whole = Open
	case !standing:
		w.because(cause{why: NoCabinet, cab: -1, door: -1, cat: -1, slot: none, fact: none})
	}
	w.vec[0] = byte(whole)
	for n, c := range s.cabs {
		state := byte(elsewhere)
		if w.slots[c.stands] != none {
			state = byte(Uncovered)
			for _, p := range w.able[n] {
				state = byte(better(State(state), p.state))
			}
		}
		w.vec = append(w.vec, state)
	}
	if whole == Uncovered || whole == Unknown {
		w.blame()
	}
}

// better is what two ways of being served come to together.
func better(a, b State) State {
	switch {
	case a == Covered || b == Covered:
		return Covered
	case a == Unknown || b == Unknown:
		return Unknown
	}
	return Uncovered
}

func (w *sweep) doors(n int, c *cab, t int64) State {
	best := Uncovered
	whole := w.cabinet(c, t)
	for i := range c.doors {
		p := whole
		if p.why == "" || p.why == LineDown { // Whatever the line is, a broken door sells nothing.
			if d := w.door(&c.doors[i]); p.why == "" || d.state == Uncovered {
				p = d
			}
		}
		w.able[n] = append(w.able[n], p)
		best = better(best, p.state)
	}
	return best
}

// cabinet is what holds for all doors of a cabinet. What the cloud did itself it knows, whatever the cabinet tells.
func (w *sweep) cabinet(c *cab, t int64) possible {
	v := w.slots
	no := func(why Why, fact int32) possible { return possible{Uncovered, why, fact, true} }
	switch {
	case v[w.s.service.count] > 0:
		return no(CloudDown, v[w.s.service.fact])
	case v[w.s.payment] != none:
		return no(PaymentDown, v[w.s.payment])
	case v[c.apart] != none:
		return no(CardApart, v[c.apart])
	case v[c.locked] != none:
		return no(Halted, v[c.locked])
	case v[c.off] != none:
		return no(Halted, v[c.off])
	case t < c.first || t >= c.heard:
		return possible{Unknown, NoWord, none, true}
	case v[c.silence.count] > 0:
		return possible{Unknown, NoWord, v[c.silence.fact], true}
	case v[c.down.count] > 0:
		fact := v[c.down.fact]
		if w.s.facts[fact].Code == SilentStopped {
			return no(AgentStopped, fact)
		}
		return no(NoPower, fact)
	case v[c.stopped] != none:
		return no(SaleStopped, v[c.stopped])
	}
	return w.line(c)
}

// line is whether a grant could reach the cabinet: by its line, or as a code before its reader.
func (w *sweep) line(c *cab) possible {
	v := w.slots
	down := v[c.lost]
	if v[c.late.count] > 0 {
		down = v[c.late.fact]
	}
	switch {
	case down == none || v[w.s.codes] != none && v[c.reader] == 1:
		return possible{state: Covered, fact: none}
	case v[w.s.codes] != none && v[c.reader] == none: // Nobody told whether it has one.
		return possible{Unknown, LineDown, down, true}
	}
	return possible{Uncovered, LineDown, down, true}
}

func (w *sweep) door(d *door) possible {
	v := w.slots
	for _, scale := range d.scales {
		if v[scale] != none {
			return possible{Uncovered, ScaleFaulty, v[scale], false}
		}
	}
	switch {
	case v[d.stops] != none:
		return possible{Uncovered, SaleStopped, v[d.stops], false}
	case v[d.open] != none:
		return possible{Uncovered, DoorOpen, v[d.open], false}
	case v[d.lock] != none:
		return possible{Uncovered, LockBroken, v[d.lock], false}
	case v[d.doubt] != none:
		return possible{Unknown, LockDoubtful, v[d.doubt], false}
	}
	return possible{state: Covered, fact: none}
}

// categories judges each essential category, and the store by them and the best of its doors.
func (w *sweep) categories(t int64, best State, open bool) State {
	need := w.slots[w.s.need]
	if need == none {
		return best
	}
	whole := best
	for i := range w.s.plan.Needs[need].Categories {
		state := Open
		if !open {
			state = w.category(int(need), i, t)
			whole = worse(whole, state)
		}
		w.vec = append(w.vec, byte(state))
	}
	return whole
}

// worse is what two things come to that are both needed.
func worse(a, b State) State {
	switch {
	case a == Uncovered || b == Uncovered:
		return Uncovered
	case a == Unknown || b == Unknown:
		return Unknown
	}
	return Covered
}

func (w *sweep) category(need, i int, t int64) State {
	state := Uncovered
	for n, c := range w.s.cabs {
		if t >= c.stocked {
			continue
		}
		for _, p := range w.able[n] { // Nobody told what lies behind its doors.
			if p.state != Uncovered {
				state = Unknown
			}
		}
	}
	for _, l := range w.s.lanes[w.s.category(need, i)] {
		if len(w.able[l.cab]) == 0 {
			continue
		}
		if v := w.slots[l.slot]; v != none && v&1 == 1 && w.slots[l.bar] == none {
			state = better(state, w.able[l.cab][l.door].state)
		}
	}
	return state
}

func (w *sweep) because(c cause) { w.causes = append(w.causes, c) }

// blame gathers why a moment is not covered.
func (w *sweep) blame() {
	shared := false
	for n := range w.s.cabs {
		told := false
		for i, p := range w.able[n] {
			if p.state == Covered || p.whole && told {
				continue
			}
			told = told || p.whole
			c := cause{why: p.why, cab: int16(n), door: int16(i), cat: -1, slot: none, fact: p.fact}
			if p.whole {
				c.door = -1
			}
			if p.why == CloudDown || p.why == PaymentDown {
				if shared {
					continue
				}
				shared, c.cab = true, -1
			}
			w.because(c)
		}
	}
	need := w.slots[w.s.need]
	if need == none {
		return
	}
	for i := range w.s.plan.Needs[need].Categories {
		if state := State(w.vec[1+i]); state == Uncovered || state == Unknown {
			w.lacks(int(need), i)
		}
	}
}

// lacks gathers which lanes of a category are empty, or sell nothing of what they have, behind doors that may sell.
func (w *sweep) lacks(need, i int) {
	lanes := 0
	for _, l := range w.s.lanes[w.s.category(need, i)] {
		v := w.slots[l.slot]
		if len(w.able[l.cab]) == 0 || v == none {
			continue
		}
		lanes++
		c := cause{why: SoldOut, cab: int16(l.cab), door: int16(l.door), cat: int16(i), slot: l.slot, fact: v >> 1}
		if bar := w.slots[l.bar]; v&1 == 1 && bar != none {
			c.why, c.fact = DateOver, bar
		} else if v&1 == 1 {
			continue
		}
		if w.able[l.cab][l.door].state != Uncovered {
			w.because(c)
		}
	}
	if lanes > 0 {
		return
	}
	for n := range w.s.cabs {
		for _, p := range w.able[n] {
			if p.state != Uncovered {
				w.because(cause{why: NoLane, cab: -1, door: -1, cat: int16(i), slot: none, fact: none})
				return
			}
		}
	}
}
