package settle

import "math"

// stuckLog is the log-probability below which a run of equal readings is no chance.
const stuckLog = -18.0

// unstuck drops, in place, the runs of equal readings that are too long for how often neighbours are equal otherwise,
// but for their first reading: a scale that repeats itself has not looked. It reports whether there were any.
func unstuck(answered []reading) ([]reading, bool) {
	equal, longest, run := 0, 0, 0
	for i := 1; i < len(answered); i++ {
		if answered[i].grams != answered[i-1].grams {
			run = 0
			continue
		}
		equal++
		run++
		longest = max(longest, run)
	}
	others := len(answered) - 1 - longest
	if others < 10 {
		return answered, false
	}
	chance := (float64(equal-longest) + 1) / (float64(others) + 2)
	least := int(math.Ceil(stuckLog / math.Log(chance)))
	if longest < max(least, 8) {
		return answered, false
	}
	return dropRuns(answered, max(least, 8)), true
}

// dropRuns drops the repetitions of runs with at least so many of them.
func dropRuns(answered []reading, least int) []reading {
	kept := answered[:0]
	for i := 0; i < len(answered); {
		k := i + 1
		for k < len(answered) && answered[k].grams == answered[i].grams {
			k++
		}
		end := k
		if k-i > least {
			end = i + 1
		}
		kept = append(kept, answered[i:end]...)
		i = k
	}
	return kept
}
