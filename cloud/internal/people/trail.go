package people

import (
	"context"
	"encoding/hex"
	"strconv"
	"strings"
	"unicode"

	"allhours/cloud"
)

// Bounds of what the audit log takes.
const (
	deedWords = 200 // bytes of a text
	deedsMost = 5000
)

// Begin implements cloud.Trail.
func (s *Service) Begin(ctx context.Context, u *cloud.DeedUnderWay) context.Context {
	u.Tell(func(d *cloud.Deed) {
		if d.At.IsZero() {
			d.At = s.now()
		}
	})
	return cloud.WithDeed(ctx, u, s)
}

// Keep implements cloud.Trail.
func (s *Service) Keep(ctx context.Context, d cloud.Deed) error {
	if d.At.IsZero() {
		d.At = s.now()
	}
	d = s.Tidy(d)
	// A deed is done when it is told: whoever asked for it may have gone.
	return wrapped("audit log", s.store.AddDeed(context.WithoutCancel(ctx), d, s.Seal))
}

// Tidy implements cloud.DeedPen.
func (s *Service) Tidy(d cloud.Deed) cloud.Deed {
	for _, text := range []*string{&d.Name, &d.Did, &d.Method, &d.Route, &d.Target, &d.Outcome, &d.Request} {
		*text = oneLine(*text)
	}
	return d
}

// oneLine keeps a text short, and without what could be taken for another line or an end.
func oneLine(text string) string {
	text = strings.ToValidUTF8(text, "?")
	for len(text) > deedWords {
		cut := deedWords
		for cut > 0 && text[cut]&0xc0 == 0x80 {
			cut--
		}
		text = text[:cut]
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text)
}

// Seal is the keyed hash of a deed and of all before it, by the seal of the one before. Whoever can write to the database alone
// cannot make one.
func (s *Service) Seal(before string, d cloud.Deed) string {
	return hex.EncodeToString(s.vault.tag("trail", before, strconv.FormatInt(d.Number, 10), strconv.FormatInt(d.At.UnixMilli(), 10), d.Who.String(),
		d.Name, string(d.Role), d.Did, d.Method, d.Route, d.Target, d.Outcome, d.Request))
}

// Deeds implements cloud.Trail.
func (s *Service) Deeds(ctx context.Context, q cloud.DeedQuery) ([]cloud.Deed, error) {
	if q.Limit <= 0 || q.Limit > deedsMost {
		q.Limit = deedsMost
	}
	list, err := s.store.FindDeeds(ctx, q)
	return list, wrapped("audit log", err)
}
