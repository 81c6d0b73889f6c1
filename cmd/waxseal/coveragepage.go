package main

import (
	"fmt"
	"html"
	"io"
	"strings"
)

// coveragePage opens the page, which needs nothing but itself: no script, no
// file, no network. It is printed without a template engine: with one, the
// linker must keep every method of every type, which is a seventh of the
// program's size.
const coveragePage = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Policy coverage: %.1[3]f %%</title>
<style>
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; color: #1b1f24; }
h2 { font-size: 1rem; overflow-wrap: anywhere; margin: 2rem 0 .3rem; }
table { border-collapse: collapse; width: 100%%; }
th, td { text-align: left; padding: .25rem .6rem; border-bottom: 1px solid #d8dee4; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
tr.yes td:first-child { border-left: 4px solid #1a7f37; }
tr.no td:first-child { border-left: 4px solid #cf222e; }
</style>
</head>
<body>
<h1>Policy coverage</h1>
<p><strong>%[1]d of %[2]d statements covered (%.1[3]f %%)</strong></p>
`

const coverageTable = `<h2>%s: %d of %d</h2>
<table>
<thead><tr><th>Statement</th><th>Effect</th><th class="n">Lines</th><th class="n">Allowed</th><th class="n">Denied</th><th class="n">Condition failed</th><th class="n">Unmatched</th><th>Covered</th></tr></thead>
<tbody>
`

const coverageRow = `<tr class="%s"><td>%s</td><td>%s</td><td class="n">%s–%d</td><td class="n">%d</td><td class="n">%d</td><td class="n">%d</td><td class="n">%d</td><td>%s</td></tr>
`

// coverageHTML prints one page.
func coverageHTML(w io.Writer, r *coverageReport) error {
	var page strings.Builder
	fmt.Fprintf(&page, coveragePage, r.Covered, r.Statements, r.Percent)
	for i := range r.Policies {
		p := &r.Policies[i]
		fmt.Fprintf(&page, coverageTable, html.EscapeString(p.title()), p.covered(), len(p.Statements))
		for j, s := range p.Statements {
			class, why := "yes", "yes"
			if !s.covered() {
				class, why = "no", s.why()
			}
			fmt.Fprintf(&page, coverageRow, class, html.EscapeString(s.title(j)), html.EscapeString(s.Effect),
				html.EscapeString(strings.TrimPrefix(s.place(), "line ")), s.EndLine, s.Allowed, s.Denied, s.ConditionFailed, s.Unmatched, html.EscapeString(why))
		}
		page.WriteString("</tbody>\n</table>\n")
	}
	page.WriteString("</body>\n</html>\n")
	_, err := io.WriteString(w, page.String())
	return err
}
