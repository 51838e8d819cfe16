package practice

// units draws one unit, or two with the given share.
func (s *script) units(two float64) int {
	if s.happens(two) {
		return 2
	}
	return 1
}

// everyday takes one to four articles, now and then puts one unit back, and is never in a hurry.
func everyday(s *script) { s.shop(s.between(1, 4), twoShare, backShare, pauses) }

// shop takes so many articles; after some of the takes one unit goes back.
func (s *script) shop(articles int, two, back float64, pause span) {
	for i := range articles {
		if i > 0 {
			s.wait(pause)
		}
		n := s.units(two)
		h := s.take(s.choose(n), n)
		if s.happens(back) {
			s.wait(pause)
			s.back(hand{h.place, h.units[:1]})
		}
	}
	s.leave(pause)
}

// putback takes single units and puts every other one back.
func putback(s *script) { s.shop(s.between(2, 4), 0, backShareBack, returning) }

// bulk takes one article again and again, one to three units at once.
func bulk(s *script) {
	at := s.choose(1)
	for i := range s.between(2, 5) {
		if i > 0 {
			s.wait(grabbing)
		}
		if len(s.shelves[at.platform].units[at.good]) > 0 { // who has emptied it still searches
			s.take(at, s.weighted(bulkUnits))
		}
	}
	s.leave(grabbing)
}

// browse looks at goods and puts them back, and leans on the shelves.
func browse(s *script) {
	pairs, leans := s.weighted(browsePairs), s.weighted(browseLeans)
	for pairs+leans > 0 {
		if s.IntN(pairs+leans) < pairs {
			pairs--
			h := s.take(s.choose(1), 1)
			s.wait(dwelling)
			s.back(h)
		} else {
			leans--
			s.lean(s.IntN(len(s.cells)), s.now, leanPeak, leanTime)
		}
		s.wait(glancing)
	}
	s.now += s.in(leaving)
}

// rush grabs without a pause.
func rush(s *script) { s.shop(s.between(2, 6), twoShareRush, 0, rushing) }

// rough slams the door and leans hard.
func rough(s *script) {
	s.shop(s.between(1, 4), twoShareRough, 0, roughly)
	for range s.weighted(roughLeans) {
		s.lean(s.IntN(len(s.cells)), s.in(span{s.opened + 300, s.now - 1300}), roughPeak, roughTime)
	}
}

// twoShoppers is two people at once, who take equally often and do not wait for each other.
func twoShoppers(s *script) {
	latest, each := 0.0, s.between(2, 4)
	for range 2 {
		s.now, s.used = s.opened+s.in(firstMove), nil
		s.shop(each, twoShareBoth, 0, sharing)
		latest = max(latest, s.now)
	}
	s.now = latest
}

// misplace carries one good to a platform that chance gives, now and then to its own.
func misplace(s *script) {
	s.take(s.choose(1), 1)
	s.wait(carrying)
	h := s.take(s.choose(1), 1)
	s.wait(carrying)
	if platform := s.IntN(len(s.cells)); platform == h.platform {
		s.back(h)
	} else {
		s.elsewhere(h, platform)
	}
	if s.happens(secondShare) {
		s.wait(carrying)
		s.take(s.choose(1), 1)
	}
	s.leave(carrying)
}

// leftBehind puts an object down, takes a good, and often forgets the object.
func leftBehind(s *script) {
	s.wait(settling)
	platform, grams := s.IntN(len(s.cells)), s.in(objects)
	s.move(platform, grams)
	s.wait(forgetting)
	s.take(s.choose(1), 1)
	if s.happens(removedShare) {
		s.Note = "object removed again"
		s.wait(forgetting)
		s.move(platform, -grams)
	} else {
		s.Note, s.MustBill = "object stayed", false
	}
	s.leave(forgetting)
}
