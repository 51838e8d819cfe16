package message

import (
	"cmp"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"allhours/cloud"
)

//go:embed texts.json
var textFile []byte

// template is one kind of message: its blanks in their order, and what it says.
type template struct {
	Params []string `json:"params"`
	cloud.Text
}

// mustTexts reads the one table of all messages.
func mustTexts() map[cloud.MessageKind]template {
	all := map[cloud.MessageKind]template{}
	if err := json.Unmarshal(textFile, &all); err != nil {
		panic(fmt.Sprintf("message: texts: %v", err))
	}
	return all
}

// compose fills a message's blanks. It is the only place that knows a phone number, on its way to the provider.
func (s *Service) compose(ctx context.Context, m telling) (Outgoing, error) {
	o := Outgoing{ID: m.ID, Kind: m.Kind, Lang: m.Lang}
	blanks := map[string]string{"amount": m.Amount.String(), "rest": m.rest.String()}
	if err := s.DB.View(ctx, func(tx cloud.Tx) error {
		if o.Lang == "" {
			w, err := tx.Wishes.Find(m.Person)
			if err != nil {
				return err
			}
			o.Lang = cmp.Or(w.Lang, "zh")
		}
		return s.fill(tx, m.OutMessage, o.Lang, blanks)
	}); err != nil {
		return o, fmt.Errorf("compose message %s: %w", m.ID, err)
	}
	var err error
	if o.Phone, blanks["code"], err = s.Phones.Reach(ctx, m.Message); err != nil {
		return o, fmt.Errorf("compose message %s: %w", m.ID, err)
	}
	return o, s.write(&o, blanks)
}

// fill looks up where it was, and where its receipt is.
func (s *Service) fill(tx cloud.Tx, m cloud.OutMessage, lang string, blanks map[string]string) error {
	chain, err := tx.Plans.Chain()
	if err != nil {
		return err
	}
	blanks["chain"] = pick(chain.Name, lang)
	if m.Visit.IsZero() {
		blanks["link"] = s.BaseURL + "/"
		return nil
	}
	blanks["link"] = s.BaseURL + "/v/" + m.Visit.String()
	v, err := tx.Visits.Find(m.Visit)
	if err != nil {
		return err
	}
	cabinet, err := tx.Cabinets.Find(v.Cabinet)
	blanks["place"] = pick(cabinet.Place, lang)
	return err
}

func pick(t cloud.Text, lang string) string {
	if lang == "en" && t.En != "" {
		return t.En
	}
	return t.Zh
}

// write makes text and parameters of the same blanks.
func (s *Service) write(o *Outgoing, blanks map[string]string) error {
	t, known := s.texts[o.Kind]
	if !known {
		return fmt.Errorf("message of kind %q: there is no text", o.Kind)
	}
	o.Text = pick(t.Text, o.Lang)
	for i, name := range t.Params {
		o.Params = append(o.Params, Param{name, blanks[name]})
		o.Text = strings.ReplaceAll(o.Text, "{"+strconv.Itoa(i+1)+"}", blanks[name])
	}
	return nil
}
