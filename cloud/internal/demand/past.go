package demand

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/spreadsheet"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

// pastColumns are the columns of a table of past sales.
var pastColumns = []string{"hour", "cabinet", "sku", "units"}

// mostFaults is how many faults are named; the others are counted.
const mostFaults = 50

// mostUnits is how many units of an article a cabinet may have sold in one hour.
const mostUnits = 999

// pastReader reads a table of past sales line by line.
type pastReader struct {
	articles map[protocol.SKU]cloud.Article
	cabinets map[protocol.CabinetID]bool
	today    ledger.Day
	sales    []cloud.PastSale
	lines    map[cloud.PastSale]int // by all but the units, in which line it stands
	bad      cloud.BadData
}

// Past implements cloud.Demand. The past is learned again with what was taken in.
func (s *Service) Past(ctx context.Context, text []byte) (hours int, err error) {
	r := pastReader{cabinets: make(map[protocol.CabinetID]bool), lines: make(map[cloud.PastSale]int)}
	if err := s.DB.View(ctx, func(tx cloud.Tx) error {
		zone, err := s.Book.Zone(tx)
		if err != nil {
			return err
		}
		r.today = ledger.DayOf(s.Now(), zone)
		if r.articles, err = s.Catalog.Articles(tx); err != nil {
			return err
		}
		list, err := tx.Cabinets.List()
		for _, c := range list {
			r.cabinets[c.ID] = true
		}
		return err
	}); err != nil {
		return 0, fmt.Errorf("past sales: %w", err)
	}
	r.read(text)
	if len(r.bad.Faults) > 0 {
		return 0, &r.bad
	}
	if err := s.DB.Update(ctx, func(tx cloud.Tx) error { return tx.Demand.AddPast(r.sales) }); err != nil {
		return 0, fmt.Errorf("past sales: %w", err)
	}
	s.relearn(true)
	s.rouse()
	return len(r.sales), nil
}

func (r *pastReader) read(raw []byte) {
	if len(raw) > cloud.MaxIntake {
		r.fault(0, "", "", fmt.Sprintf("最多 %d 字节", cloud.MaxIntake), fmt.Sprintf("want %d bytes at most", cloud.MaxIntake))
		return
	}
	text, _, bad := spreadsheet.Decode(raw)
	if bad > 0 {
		r.fault(bad, "", "", "需要表格软件存的 UTF-8 或 GB18030 文本", spreadsheet.Want)
		return
	}
	lines := csv.NewReader(bytes.NewReader(text))
	lines.FieldsPerRecord = -1
	headed := false
	for {
		record, err := lines.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			wrong, _ := errors.AsType[*csv.ParseError](err)
			r.fault(wrong.StartLine, "", "", "引号不成对", "a quotation mark stands where none can")
			continue
		}
		number, _ := lines.FieldPos(0)
		switch {
		case strings.Join(record, "") == "":
		case !headed:
			if headed = true; !r.head(number, record) {
				return
			}
		default:
			r.line(number, record)
		}
	}
	if len(r.sales) == 0 && len(r.bad.Faults) == 0 {
		r.fault(1, "", "", "表头下面没有数据", "want one line or more below the names of the columns")
	}
}

func (r *pastReader) head(number int, record []string) bool {
	for i, name := range pastColumns {
		if i >= len(record) || strings.ToLower(strings.TrimSpace(record[i])) != name {
			want := strings.Join(pastColumns, ",")
			r.fault(number, "", strings.Join(record, ","), "第一行要写 "+want, "want a first line "+want)
			return false
		}
	}
	return true
}

func (r *pastReader) line(number int, record []string) {
	if len(record) != len(pastColumns) {
		r.fault(number, "", "", fmt.Sprintf("要 %d 列，这里有 %d 列", len(pastColumns), len(record)), fmt.Sprintf("want %d columns, got %d", len(pastColumns), len(record)))
		return
	}
	for i := range record {
		record[i] = strings.TrimSpace(spreadsheet.Plain(record[i]))
	}
	before := len(r.bad.Faults) + r.bad.More
	sale := cloud.PastSale{Cabinet: protocol.CabinetID(record[1]), SKU: protocol.SKU(record[2])}
	at, err := time.Parse("2006-01-02 15", record[0])
	if err != nil {
		if at, err = time.Parse("2006-01-02 15:04", record[0]); err != nil || at.Minute() != 0 {
			r.fault(number, "hour", record[0], "要写日期和整点，如 2026-11-01 21", "want a day and an hour, as 2026-11-01 21")
		}
	}
	sale.Day, sale.Hour = ledger.Day(at.Format(time.DateOnly)), at.Hour()
	if err == nil && sale.Day >= r.today {
		r.fault(number, "hour", record[0], "要写今天以前的日子", "want a day before today")
	}
	if !r.cabinets[sale.Cabinet] {
		r.fault(number, "cabinet", record[1], "没有这台柜子", "there is no such cabinet")
	}
	if _, known := r.articles[sale.SKU]; !known {
		r.fault(number, "sku", record[2], "没有这个商品", "there is no such article")
	}
	units, err := strconv.Atoi(record[3])
	if err != nil || units < 0 || units > mostUnits {
		r.fault(number, "units", record[3], fmt.Sprintf("要 0 到 %d 的整数", mostUnits), fmt.Sprintf("want a whole number, 0 to %d", mostUnits))
	}
	if first, twice := r.lines[sale]; twice {
		r.fault(number, "", "", fmt.Sprintf("第 %d 行已经写过这一小时", first), fmt.Sprintf("line %d tells of the same hour", first))
	}
	if len(r.bad.Faults)+r.bad.More > before {
		return
	}
	r.lines[sale] = number
	sale.Units = units
	r.sales = append(r.sales, sale)
}

func (r *pastReader) fault(line int, column, found, zh, en string) {
	if len(r.bad.Faults) >= mostFaults {
		r.bad.More++
		return
	}
	r.bad.Faults = append(r.bad.Faults, cloud.Fault{Line: line, Column: column, Found: found, Why: cloud.Text{Zh: zh, En: en}})
}
