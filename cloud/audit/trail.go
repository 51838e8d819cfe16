package audit

import "strconv"

// trail follows the seals of what the staff did from the first deed to the last.
func (a *auditor) trail() error {
	if a.books.Seal == nil {
		return nil
	}
	before := ""
	for d, err := range a.books.Trail {
		if err != nil {
			return err
		}
		a.looked.Deeds++
		where := "deed " + strconv.FormatInt(d.Number, 10)
		if want := int64(a.looked.Deeds); d.Number != want {
			if err := a.tell(Difference{Check: CheckTrail, Where: where, Expected: "number " + strconv.FormatInt(want, 10), Found: "number " + strconv.FormatInt(d.Number, 10)}); err != nil {
				return err
			}
			a.looked.Deeds = int(d.Number) // Each hole is told once.
		}
		if want := a.books.Seal(before, d); want != d.Seal {
			if err := a.tell(Difference{Check: CheckTrail, Where: where, Expected: "seal " + want, Found: "seal " + d.Seal}); err != nil {
				return err
			}
		}
		before = d.Seal
	}
	last, err := a.books.Deeds()
	if err == nil && last != int64(a.looked.Deeds) {
		err = a.tell(Difference{Check: CheckTrail, Where: "the last deed", Expected: "number " + strconv.FormatInt(last, 10), Found: "number " + strconv.Itoa(a.looked.Deeds)})
	}
	a.looked.Sealed = before
	return err
}
