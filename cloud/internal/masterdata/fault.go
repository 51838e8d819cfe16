package masterdata

import (
	"fmt"
	"slices"

	"allhours/cloud"
)

// maxFaults is how many are listed; whoever sees so many looks at the file first. More are counted.
const maxFaults = 1000

// place is where something stands in what is read.
type place struct {
	path   string // JSON
	line   int    // CSV
	column string // CSV; empty: the whole line
	found  string // what a cell of a CSV says
}

// faults are what is wrong with what is read.
type faults struct {
	list []cloud.Fault
	more int
}

// add keeps a fault. The format is English, and chinese has the same in the other language.
func (f *faults) add(at place, format string, args ...any) {
	if len(f.list) >= maxFaults {
		f.more++
		return
	}
	f.list = append(f.list, cloud.Fault{
		Line: at.line, Column: at.column, Path: at.path, Found: at.found,
		Why: cloud.Text{Zh: fmt.Sprintf(chinese(format), inOtherWords(args)...), En: fmt.Sprintf(format, args...)},
	})
}

// inOtherWords has the words for what is no value in Chinese.
func inOtherWords(args []any) []any {
	args = slices.Clone(args)
	for i, arg := range args {
		if arg == nothing {
			args[i] = "空的"
		}
	}
	return args
}

func (f *faults) err() error {
	if len(f.list) == 0 {
		return nil
	}
	return &cloud.BadData{Faults: f.list, More: f.more}
}

// chinese is a fault's format in Chinese; one that only the administrator's tool can meet stays in English.
func chinese(format string) string {
	if zh, known := inChinese[format]; known {
		return zh
	}
	return format
}

var inChinese = map[string]string{
	"%s %q is there twice":               "%s %q 出现了两次",
	"article %q is there twice":          "商品 %q 出现了两次",
	"platform %q is there twice":         "%q 层出现了两次",
	"store %q is there twice":            "门店 %q 出现了两次",
	"no article %q here or in the fleet": "没有商品 %q",
	"no store %q here or in the fleet":   "没有门店 %q",
	"no cabinet %q in the fleet: a planogram fills cabinets and adds none; add it with fleetctl apply, then enrol it": "没有柜子 %q：货道表只摆货，不添柜子。请先用 fleetctl apply 添上，再用 fleetctl enrol 登记",
	"no store may be called %q: the chain's own accounts are":                                                         "门店不能叫 %q：这是连锁本部的账",
	"cabinet %s has no platform %q":                                                           "柜子 %s 没有 %q 层",
	"article %q is retired and has no place in cabinet %s yet":                                "商品 %q 已下架，柜子 %s 里原来没有它",
	"article %q may be sold from the age of %d only, and nobody looks at who opens a cabinet": "商品 %q 只能卖给 %d 岁以上的人，而没有人核对开柜人的年龄",
	"article %q lies in cabinet %s on %s, where nobody looks at who opens it":                 "商品 %q 就放在柜子 %s 的 %s，没有人核对开柜人的年龄",
	"one unit weighs %d mg: the platform carries %d mg":                                       "一件重 %d mg，这一层只能放 %d mg",
	"weigh %d mg: the platform carries %d mg":                                                 "一共重 %d mg，这一层只能放 %d mg",
	"want a text, got %s":                                                 "要填文字，这里是 %s",
	"want 1 to %d bytes, got %d":                                          "要 1 到 %d 个字节，这里有 %d 个",
	"want one of %s, got %s":                                              "只能是 %s 之一，这里是 %s",
	"want a whole number, got %s":                                         "要填整数，这里是 %s",
	"want a whole number from %d to %d, got %s":                           "要填 %d 到 %d 的整数，这里是 %s",
	"want a number from %s to %s with %d decimals at most, got %s":        "要填 %s 到 %s 的数，最多 %d 位小数，这里是 %s",
	"want true or false, got %s":                                          "只能是 1 或 0，这里是 %s",
	"want letters, digits, '-' and '_' only, got %q":                      "只能用字母、数字、“-”和“_”，这里是 %q",
	"want a time of day such as 07:00, got %s":                            "要写时间，比如 07:00，这里是 %s",
	"want days of the week such as mon-fri or sat,sun":                    "要写星期几，比如 mon-fri 或 周六,周日",
	"want spans such as 07:00-22:00, got %q":                              "要写营业时间，比如 07:00-22:00，这里是 %q",
	"want it to close after it opens, on the same day":                    "关门要在同一天开门之后",
	"want no other line of a platform that is left empty":                 "空着的一层只能有一行",
	"want the text in UTF-8 or GB18030, as a table program saves a CSV":   "文件要用 UTF-8 或 GB18030（GBK）编码存成 CSV",
	"want %d bytes at most, got %d":                                       "最多 %d 字节，这里有 %d 字节",
	"want a first line with the names of the columns: %s":                 "第一行要写列名：%s",
	"want one line or more below the names of the columns":                "列名下面至少要有一行",
	"column %q is not known here: want %s":                                "不认得列 %q；可以用的列：%s",
	"column %q is there twice":                                            "列 %q 出现了两次",
	"column %s is missing":                                                "少了列 %s",
	"want only one of the columns %s and %s":                              "列 %s 和 %s 只能有一个",
	"want %d fields as there are columns, got %d":                         "一共 %d 列，这一行有 %d 格",
	"a quotation mark stands where none can: want \"...\" around a field": "引号位置不对：引号要包住整格",
	"prices cannot hold from %s: that is past":                            "%s 已经过去了，不能从那时起算",
	"want prices to hold at once, or from a time on: from is for prices":  "只有价钱可以定时间",
	"want bar codes of 8, 12 or 13 digits with their check digit, got %q": "条码要 8、12 或 13 位，最后一位校验码要对，这里是 %q",
	"bar code %q is there twice":                                          "条码 %q 出现了两次",
	"bar code %q stands on article %q as well":                            "条码 %q 已经在商品 %q 上",
	"want %d bar codes at most":                                           "最多 %d 个条码",
	"want both a latitude and a longitude, or neither":                    "纬度和经度要么都填，要么都不填",
	"want a number, got %s":                                               "要填数，这里是 %s",
	"no cabinet %q in the fleet":                                          "没有柜子 %q",
	"cabinet %q is there twice":                                           "柜子 %q 出现了两次",
	"want the aisle that the turn is in":                                  "填了第几个，就要填在哪个货架",
	"cabinet %s has a draft that waits: withdraw it first":                "柜子 %s 已有一份待换的货道表，请先撤回那一份",
	"only %d units fit":                                                   "只放得下 %d 件",
}
