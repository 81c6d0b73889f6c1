// Package docs is the documentation, as the program carries it.
package docs

import (
	"embed"
	"io/fs"
	"slices"
	"strings"
)

//go:embed *.md aws-behaviour/*.md
var pages embed.FS

// Page is a page of the documentation.
type Page struct {
	Topic string // its file's path without .md, such as encryption or aws-behaviour/sqs
	Title string
	Text  string // Markdown
}

// Pages are all pages, in the order of their topics.
func Pages() (all []Page) {
	for _, pattern := range []string{"*.md", "aws-behaviour/*.md"} {
		names, err := fs.Glob(pages, pattern)
		if err != nil {
			panic("docs: " + err.Error()) // which a pattern that is none gives
		}
		for _, name := range names {
			text, err := fs.ReadFile(pages, name)
			if err != nil {
				panic("docs: " + err.Error()) // what was found can be read
			}
			title, _, _ := strings.Cut(strings.TrimPrefix(string(text), "# "), "\n")
			all = append(all, Page{strings.TrimSuffix(name, ".md"), title, string(text)})
		}
	}
	slices.SortFunc(all, func(a, b Page) int { return strings.Compare(a.Topic, b.Topic) })
	return all
}
