package main

import (
	"html/template"
	"io"
)

// coveragePage needs nothing but itself: no script, no file, no network.
var coveragePage = template.Must(template.New("coverage").Parse(`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Policy coverage: {{printf "%.1f" .Percent}} %</title>
<style>
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; color: #1b1f24; }
h2 { font-size: 1rem; overflow-wrap: anywhere; margin: 2rem 0 .3rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .25rem .6rem; border-bottom: 1px solid #d8dee4; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
tr.yes td:first-child { border-left: 4px solid #1a7f37; }
tr.no td:first-child { border-left: 4px solid #cf222e; }
</style>
</head>
<body>
<h1>Policy coverage</h1>
<p><strong>{{.Covered}} of {{.Statements}} statements covered ({{printf "%.1f" .Percent}} %)</strong></p>
{{range .Policies}}<h2>{{.Title}}: {{.Covered}} of {{len .Rows}}</h2>
<table>
<thead><tr><th>Statement</th><th>Effect</th><th class="n">Lines</th><th class="n">Allowed</th><th class="n">Denied</th><th class="n">Condition failed</th><th class="n">Unmatched</th><th>Covered</th></tr></thead>
<tbody>
{{range .Rows}}<tr class="{{if .Why}}no{{else}}yes{{end}}"><td>{{.Title}}</td><td>{{.Effect}}</td><td class="n">{{.Line}}–{{.EndLine}}</td><td class="n">{{.Allowed}}</td><td class="n">{{.Denied}}</td><td class="n">{{.ConditionFailed}}</td><td class="n">{{.Unmatched}}</td><td>{{if .Why}}{{.Why}}{{else}}yes{{end}}</td></tr>
{{end}}</tbody>
</table>
{{end}}</body>
</html>
`))

// coverageSection is a policy as the page shows it, coverageRow a statement; Why
// is empty where it is covered.
type coverageSection struct {
	Title   string
	Covered int
	Rows    []coverageRow
}

type coverageRow struct {
	coveredStatement
	Title, Why string
}

// coverageHTML prints one page.
func coverageHTML(w io.Writer, r *coverageReport) error {
	sections := make([]coverageSection, len(r.Policies))
	for i := range r.Policies {
		p := &r.Policies[i]
		sections[i] = coverageSection{Title: p.title(), Covered: p.covered()}
		for j, s := range p.Statements {
			row := coverageRow{coveredStatement: s, Title: s.title(j)}
			if !s.covered() {
				row.Why = s.why()
			}
			sections[i].Rows = append(sections[i].Rows, row)
		}
	}
	return coveragePage.Execute(w, struct {
		Covered, Statements int
		Percent             float64
		Policies            []coverageSection
	}{r.Covered, r.Statements, r.Percent, sections})
}
