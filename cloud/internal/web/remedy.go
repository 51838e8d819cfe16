package web

import (
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/protocol"
)

// The ways to decide an objection, and the fields that say it by line.
const (
	remedyFull   = "full"
	remedyPart   = "part"
	remedyRefuse = "refuse"
	amountField  = "amount-"
	goodsField   = "goods-"
)

// remedyView asks a member of the staff what of a bill need not be paid, and what becomes of the goods.
type remedyView struct {
	Action  string
	Button  string
	Limit   string // what the reader may give back; "" where there is none
	Choices []choiceView
	Lines   []remedyLine
	Key     string
}

// remedyLine is one article of the bill.
type remedyLine struct {
	SKU    protocol.SKU
	Name   string
	What   string // what is said against it; "" where nobody did
	Qty    int
	Amount string // in yuan, as it is typed
	Fates  []choiceView
	Fate   string // the likeliest of them
}

// fates offers what may become of goods; misplaced ones lie on some platform.
func (v *view) fates(cab cloud.CabinetView) []choiceView {
	var all []choiceView
	for _, f := range cloud.Fates() {
		if f != cloud.FateMisplaced {
			all = append(all, choiceView{Value: string(f), Say: v.say("fate." + string(f))})
			continue
		}
		for _, platform := range cab.Platforms {
			all = append(all, choiceView{Value: string(f) + ":" + string(platform.ID), Say: v.say("fate.misplaced", platform.ID)})
		}
	}
	return all
}

// likeliest is what mostly becomes of goods that this is said of.
func likeliest(c cloud.Complaint) cloud.Fate {
	switch c {
	case cloud.ComplaintNotTaken:
		return cloud.FateBack
	case cloud.ComplaintNotFresh:
		return cloud.FateWrittenOff
	}
	return cloud.FateSold
}

// openAmount is what of a line's price earlier rulings have left.
func openAmount(visit cloud.Visit, known []cloud.Dispute, sku protocol.SKU, qty int) protocol.Fen {
	var price, left protocol.Fen
	for _, l := range visit.Lines {
		if l.SKU == sku {
			price, left = l.Price, l.Price*protocol.Fen(l.Qty)
		}
	}
	for _, d := range known {
		if d.Ruling == nil {
			continue
		}
		for _, l := range d.Ruling.Lines {
			if l.SKU == sku {
				left -= l.Amount
			}
		}
	}
	return max(min(price*protocol.Fen(qty), left), 0)
}

// remedyOf offers to rule on an objection.
func (v *view) remedyOf(d cloud.Dispute, story cloud.VisitStory, cab cloud.CabinetView) *remedyView {
	r := &remedyView{Action: disputePath(d.ID), Button: v.say("remedy.decide")}
	var sum protocol.Fen
	for _, l := range d.Lines {
		amount := openAmount(story.Visit.Visit, story.Disputes, l.SKU, l.Qty)
		sum += amount
		r.Lines = append(r.Lines, remedyLine{
			SKU: l.SKU, Name: v.billed(story.Visit.Visit, l.SKU), What: v.say("complaint." + string(l.Why)), Qty: l.Qty, Amount: typed(amount), Fates: v.fates(cab),
			Fate: string(likeliest(l.Why)),
		})
	}
	r.Choices = []choiceView{{Value: remedyFull, Say: v.say("remedy.full", sum)}, {Value: remedyPart, Say: v.say("remedy.part")}, {Value: remedyRefuse, Say: v.say("remedy.refuse")}}
	return r
}

// givable are the lines of a bill that a member of the staff may give back of: support leaves those alone that a manager or
// an owner has ruled on.
func givable(who cloud.Principal, story cloud.VisitStory) []cloud.OrderLine {
	if who.Role != protocol.RoleSupport {
		return story.Visit.Lines
	}
	return slices.DeleteFunc(slices.Clone(story.Visit.Lines), func(l cloud.OrderLine) bool { return cloud.ByManager(story.Disputes, l.SKU) })
}

// refundOf offers to give back of a bill that nobody has objected to; nil where there is nothing left.
func (v *view) refundOf(who cloud.Principal, story cloud.VisitStory, cab cloud.CabinetView) *remedyView {
	r := &remedyView{Action: supportPath(story.Visit.ID) + "/refund", Button: v.say("remedy.give"), Key: newKey()}
	var sum protocol.Fen
	lines := givable(who, story)
	for _, l := range lines {
		amount := openAmount(story.Visit.Visit, story.Disputes, l.SKU, l.Qty)
		sum += amount
		r.Lines = append(r.Lines, remedyLine{SKU: l.SKU, Name: v.lang.Pick(l.Name), Qty: l.Qty, Amount: typed(amount), Fates: v.fates(cab)})
	}
	if sum == 0 {
		return nil
	}
	whole := "remedy.whole"
	if len(lines) < len(story.Visit.Lines) {
		whole = "remedy.full"
	}
	r.Choices = []choiceView{{Value: remedyFull, Say: v.say(whole, sum)}, {Value: remedyPart, Say: v.say("remedy.part")}}
	return r
}

// limited says what support may give back by itself.
func (v *view) limited(who cloud.Principal, d cloud.Disputing) string {
	if who.Role != protocol.RoleSupport {
		return ""
	}
	return v.say("remedy.limit", whole(d.SupportVisit), whole(d.SupportFen), int(d.SupportPer.Hours()/24))
}

// remedy reads what was decided of the lines that were asked for. In full, the money is that of the form's lines as they
// are open; by parts it is what was typed.
func remedy(c echo.Context, story cloud.VisitStory, lines []cloud.DisputeLine) ([]cloud.RulingLine, error) {
	how := c.FormValue("how")
	if how == remedyRefuse {
		return nil, nil
	}
	if how != remedyFull && how != remedyPart {
		return nil, protocol.Errorf(protocol.CodeMalformed, "how: want one of the choices")
	}
	var said []cloud.RulingLine
	for _, l := range lines {
		r := cloud.RulingLine{SKU: l.SKU, Qty: l.Qty, Amount: openAmount(story.Visit.Visit, story.Disputes, l.SKU, l.Qty), Goods: cloud.FateSold}
		if goods := c.FormValue(goodsField + string(l.SKU)); goods != "" {
			fate, platform, _ := strings.Cut(goods, ":")
			r.Goods, r.Platform = cloud.Fate(fate), protocol.PlatformID(platform)
		}
		if err := remedyAmounts(c, how, &r); err != nil {
			return nil, err
		}
		if r.Amount > 0 || r.Qty > 0 && r.Goods != cloud.FateSold {
			said = append(said, r)
		}
	}
	return said, nil
}

func remedyAmounts(c echo.Context, how string, r *cloud.RulingLine) (err error) {
	if units := c.FormValue(unitsField + string(r.SKU)); units != "" {
		if r.Qty, err = strconv.Atoi(units); err != nil {
			return protocol.Errorf(protocol.CodeMalformed, "%s%s: want a number", unitsField, r.SKU)
		}
	}
	if how == remedyPart {
		r.Amount, err = fen(c.FormValue(amountField + string(r.SKU)))
	}
	return err
}

// fen reads yuan as they are typed: 4, 4.5, 4.50; nothing is nothing.
func fen(typed string) (protocol.Fen, error) {
	typed = strings.TrimPrefix(strings.TrimSpace(typed), "¥")
	if typed == "" {
		return 0, nil
	}
	yuan, part, _ := strings.Cut(typed, ".")
	part += strings.Repeat("0", max(2-len(part), 0))
	n, err := strconv.ParseUint(yuan+part, 10, 31)
	if err != nil || len(part) != 2 {
		return 0, protocol.Errorf(protocol.CodeMalformed, "amount: want yuan, with two places at most")
	}
	return protocol.Fen(n), nil
}
