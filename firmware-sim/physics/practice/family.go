package practice

import (
	"maps"
	"slices"
)

// family is one kind of visit.
type family struct {
	ordinary bool // counted among what residents do every day
	layouts  []string
	temper   func(*script) // sets what must be known before the scales are made
	tell     func(*script) // from the first hand until the door is about to be shut
}

var (
	allLayouts = []string{Lanes, Planned, Shelves}
	crowded    = []string{Shelves}
)

// families lists every family by its name.
func families() map[string]family {
	return map[string]family{
		"everyday":     {ordinary: true, layouts: allLayouts, tell: everyday},
		"browse":       {ordinary: true, layouts: allLayouts, tell: browse},
		"putback":      {ordinary: true, layouts: allLayouts, tell: putback},
		"bulk":         {ordinary: true, layouts: allLayouts, tell: bulk},
		"drift":        {ordinary: true, layouts: allLayouts, tell: everyday, temper: func(s *script) { s.drift = driftFactor }},
		"faults":       {layouts: allLayouts, tell: faulty},
		"left-behind":  {layouts: allLayouts, tell: leftBehind},
		"misplace":     {layouts: allLayouts, tell: misplace},
		"rough":        {layouts: allLayouts, tell: rough, temper: func(s *script) { s.factor = roughFactor }},
		"rush":         {layouts: allLayouts, tell: rush},
		"twins":        {layouts: crowded, tell: func(s *script) { everyday(s); s.MustBill = false }},
		"two-shoppers": {layouts: allLayouts, tell: twoShoppers},

		"swap":               {layouts: allLayouts, tell: swap},
		"part-eaten":         {layouts: allLayouts, tell: partEaten},
		"nothing":            {layouts: allLayouts, tell: nothing},
		"power-gap":          {layouts: allLayouts, tell: powerGap},
		"disorder":           {layouts: allLayouts, tell: disorder},
		"overload":           {layouts: allLayouts, tell: overload},
		"stuck":              {layouts: allLayouts, tell: stuck},
		"silent":             {layouts: allLayouts, tell: silent},
		"object-for-a-while": {layouts: allLayouts, tell: objectForAWhile},
		"lean":               {layouts: allLayouts, tell: lean},
	}
}

// Practised are the families of the recorded practice visits.
func Practised() []string {
	return []string{
		"browse", "bulk", "drift", "everyday", "faults", "left-behind", "misplace", "putback", "rough", "rush", "twins", "two-shoppers",
	}
}

// Families lists all families by name.
func Families() []string { return slices.Sorted(maps.Keys(families())) }

// Layouts lists the layouts that a family has; none where it is not known.
func Layouts(family string) []string { return families()[family].layouts }

// IsOrdinary reports whether a family is what residents do every day.
func IsOrdinary(family string) bool { return families()[family].ordinary }
