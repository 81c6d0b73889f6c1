package main

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"os"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"text/tabwriter"
)

// quantity is a number with its unit. One without a unit is none.
type quantity struct {
	value float64
	unit  string
}

func (q quantity) String() string {
	if q.unit == "" {
		return ""
	}
	digits := 0
	switch a := math.Abs(q.value); {
	case a < 10:
		digits = 2
	case a < 1000:
		digits = 1
	}
	return thousands(strconv.FormatFloat(q.value, 'f', digits, 64)) + " " + q.unit
}

// thousands puts commas into a number.
func thousands(s string) string {
	whole, fraction, dot := strings.Cut(s, ".")
	for i := len(whole) - 3; i > 0 && whole[i-1] != '-'; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if dot {
		return whole + "." + fraction
	}
	return whole
}

// goal is what a row is to reach: of its ratio, or where unit is set, of its value.
type goal struct {
	sign  string // ≤ or ≥; empty: there is none
	limit float64
	unit  string
}

func atMost(ratio float64) goal              { return goal{"≤", ratio, ""} }
func atLeast(ratio float64) goal             { return goal{"≥", ratio, ""} }
func most(limit float64, unit string) goal   { return goal{"≤", limit, unit} }
func fewest(limit float64, unit string) goal { return goal{"≥", limit, unit} }
func micros(value float64) quantity          { return quantity{value, "µs"} }
func perSecond(value float64) quantity       { return quantity{value, "/s"} }
func mebibytes(bytes int64) quantity         { return quantity{float64(bytes) / (1 << 20), "MiB"} }

// row is one line of the table: what waxseal needs, and what it is compared with.
type row struct {
	what    string
	ours    quantity
	against string
	beside  quantity
	// times is how many of what it is compared with stand against one of ours;
	// zero is one.
	times float64
	goal  goal
}

func (r row) ratio() float64 {
	if r.beside.unit == "" {
		return 0
	}
	return r.ours.value / (r.beside.value * max(r.times, 1))
}

func (r row) missed() bool {
	value := r.ratio()
	if r.goal.unit != "" {
		value = r.ours.value
	}
	switch r.goal.sign {
	case "≤":
		return value > r.goal.limit
	case "≥":
		return value < r.goal.limit
	default:
		return false
	}
}

func (r row) cells() []string {
	beside, ratio, wanted := "", "", ""
	if r.beside.unit != "" {
		beside = r.against + " " + r.beside.String()
		if r.times > 1 {
			beside = strconv.FormatFloat(r.times, 'f', -1, 64) + " × " + beside
		}
		ratio = strconv.FormatFloat(r.ratio(), 'f', 2, 64)
	}
	switch {
	case r.goal.sign == "":
	case r.goal.unit == "":
		wanted = r.goal.sign + " " + strconv.FormatFloat(r.goal.limit, 'f', 2, 64)
	default:
		wanted = r.goal.sign + " " + thousands(strconv.FormatFloat(r.goal.limit, 'f', -1, 64)) + " " + r.goal.unit
	}
	if r.missed() {
		wanted += ", missed"
	}
	return []string{r.what, r.ours.String(), beside, ratio, wanted}
}

// table is the result of a run.
type table struct {
	settings string // how it was measured
	rows     []row
}

var header = []string{"what", "waxseal", "beside it", "ratio", "goal"}

// settings says how this run measures.
func (b *bench) settings() string {
	s := fmt.Sprintf("%s/%s, %d cores, %s; medians of %d rounds of %v", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version(), b.rounds, b.round)
	if b.quick {
		s += "; quick: a twentieth of the sizes"
	}
	return s
}

func (t *table) write(out io.Writer, markdown bool) error {
	missed, goals := 0, 0
	for _, r := range t.rows {
		if r.goal.sign != "" {
			goals++
		}
		if r.missed() {
			missed++
		}
	}
	last := fmt.Sprintf("%s. %d of %d goals are missed.\n", t.settings, missed, goals)
	if markdown {
		_, err := io.WriteString(out, t.markdown(last))
		return err
	}
	w := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, strings.Join(header, "\t")) // Flush tells what fails
	for _, r := range t.rows {
		_, _ = fmt.Fprintln(w, strings.Join(r.cells(), "\t"))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprint(out, "\n"+last)
	return err
}

func (t *table) markdown(last string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "| %s |\n|---|---:|---:|---:|---|\n", strings.Join(header, " | "))
	for _, r := range t.rows {
		fmt.Fprintf(&b, "| %s |\n", strings.Join(r.cells(), " | "))
	}
	return b.String() + "\n" + last
}

var place = regexp.MustCompile(`(?s)(<!-- bench: [^\n]* -->\n).*(<!-- /bench -->)`)

// writePage writes the table into a page's place for it.
func (t *table) writePage(name string) error {
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	at := place.FindSubmatchIndex(text)
	if at == nil {
		return fmt.Errorf("%s has no place for the table", name)
	}
	var b bytes.Buffer
	b.Write(text[:at[3]])
	if err := t.write(&b, true); err != nil {
		return err
	}
	b.Write(text[at[4]:])
	return os.WriteFile(name, b.Bytes(), 0o644)
}
