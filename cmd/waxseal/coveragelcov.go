package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// coveredLines are how often each line of a file was exercised.
type coveredLines map[int]uint64

// add adds a statement's lines. A line that several statements share counts as
// often as the one that was exercised least, so that an uncovered statement is
// never hidden by another.
func (l coveredLines) add(s *coveredStatement) {
	for line := s.Line; line <= s.EndLine; line++ {
		if n, ok := l[line]; !ok || s.count() < n {
			l[line] = s.count()
		}
	}
}

// oneLine removes line breaks from a name in a tracefile.
var oneLine = strings.NewReplacer("\n", " ", "\r", " ")

// coverageLCOV prints an LCOV tracefile: a record for each file that declares
// policies, and one, with owner and name, for each policy that no file
// declares.
//
// See https://ltp.sourceforge.net/coverage/lcov/geninfo.1.php.
func coverageLCOV(w io.Writer, r *coverageReport) error {
	var order []string
	files := map[string]coveredLines{}
	for i := range r.Policies {
		p := &r.Policies[i]
		for j := range p.Statements {
			name := p.Statements[j].File
			if name == "" {
				name = p.Owner + "/" + p.Name
			}
			if files[name] == nil {
				files[name] = coveredLines{}
				order = append(order, name)
			}
			files[name].add(&p.Statements[j])
		}
	}
	var b strings.Builder
	for _, name := range order {
		fmt.Fprintf(&b, "SF:%s\n", oneLine.Replace(name))
		lines, hit := files[name], 0
		for _, line := range slices.Sorted(maps.Keys(lines)) {
			fmt.Fprintf(&b, "DA:%d,%d\n", line, lines[line])
			if lines[line] > 0 {
				hit++
			}
		}
		fmt.Fprintf(&b, "LF:%d\nLH:%d\nend_of_record\n", len(lines), hit)
	}
	_, err := io.WriteString(w, b.String())
	return err
}
