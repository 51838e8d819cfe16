package asciireader

import "allhours/protocol/fieldbus/ascii"

// shortestCode is how many characters of a code are no accident.
const shortestCode = 4

// Find tells from what was heard on a line, while a code was held before it, whether a reader of codes is there.
func Find(heard []byte) (Config, bool) {
	lines := ascii.NewLines(longestLine, ascii.Eight)
	for _, b := range heard {
		if line, _ := lines.Push(b); len(line) >= shortestCode {
			return Config{}, true
		}
	}
	return Config{}, false
}
