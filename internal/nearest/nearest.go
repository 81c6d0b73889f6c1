// Package nearest finds the name that a misspelled one was probably meant to be.
package nearest

import "strings"

// Of is the known name that is nearest to name, or empty where none is near.
func Of(name string, known []string) string {
	best, least := "", len(name)/3+2
	for _, k := range known {
		if d := distance(strings.ToLower(name), strings.ToLower(k)); d < least {
			best, least = k, d
		}
	}
	return best
}

// Hint is the end of a sentence about a name that is not known: which is
// nearest; empty where none is near.
func Hint(name string, known []string) string {
	if best := Of(name, known); best != "" {
		return "; did you mean " + best + "?"
	}
	return ""
}

// distance is how many letters are to be changed to make b of a.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
