package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/waxseal/waxseal/internal/layout"
	"github.com/waxseal/waxseal/learn"
)

// page is where the exercises are told to a person.
type page struct {
	out   io.Writer
	paint paint
	width int
}

func newPage(out io.Writer) page { return page{out, painter(out), width(out)} }

// line prints one line as it is, but for its width.
func (p page) line(format string, args ...any) {
	_, _ = fmt.Fprintln(p.out, layout.Wrap(fmt.Sprintf(format, args...), p.width))
}

// marked prints a paragraph beside a mark of one character.
func (p page) marked(mark, text string) {
	const room = 2
	filled := layout.Fill(text, p.width-room)
	_, _ = fmt.Fprintln(p.out, mark+" "+strings.ReplaceAll(filled, "\n", "\n  "))
}

// say prints a paragraph.
func (p page) say(format string, args ...any) {
	words := strings.Join(strings.Fields(fmt.Sprintf(format, args...)), " ")
	_, _ = fmt.Fprint(p.out, layout.Fill(words, p.width), "\n\n")
}

// typed prints what to type.
func (p page) typed(command string) { _, _ = fmt.Fprintf(p.out, "  %s\n\n", p.paint.in(bold, command)) }

func (p page) heading(text string) { _, _ = fmt.Fprintln(p.out, p.paint.in(bold, text)) }

// verbatim prints a text that is to be copied.
func (p page) verbatim(text string) { _, _ = fmt.Fprintln(p.out, strings.TrimSpace(text)+"\n") }

// codeIndent is how code stands in markdown.
const codeIndent = "    "

// markdown prints paragraphs, lists, and code as it is.
func (p page) markdown(text string) {
	for paragraph := range strings.SplitSeq(strings.Trim(text, "\n"), "\n\n") {
		if strings.HasPrefix(paragraph, codeIndent) {
			_, _ = fmt.Fprint(p.out, paragraph, "\n\n")
			continue
		}
		var item []string
		end := func() {
			if len(item) > 0 {
				_, _ = fmt.Fprintln(p.out, layout.Fill(strings.Join(item, " "), p.width))
			}
			item = nil
		}
		for line := range strings.Lines(paragraph) {
			line = strings.TrimRight(line, "\n ")
			if layout.IsItem(line) {
				end()
			}
			item = append(item, strings.TrimSpace(line))
		}
		end()
		_, _ = fmt.Fprintln(p.out)
	}
}

// exercise tells an exercise.
func (p page) exercise(e *learn.Exercise) {
	p.heading(fmt.Sprintf("Exercise %d: %s", e.Number, e.Title))
	p.say("%s, about %s", e.Domain, minutes(e))
	p.say("%s", e.Story)
	p.heading("Goal")
	p.say("%s", e.Goal)
}

// how tells how to work on an exercise.
func (p page) how(*learn.Exercise) {
	p.heading("How")
	p.say("Use the AWS CLI, an SDK or Terraform. For the CLI alone, put waxseal before it; for everything in this shell, set its variables once:")
	_, _ = fmt.Fprintf(p.out, "  %s\n  %s\n\n", p.paint.in(bold, "waxseal aws sqs list-queues"), p.paint.in(bold, `eval "$(waxseal env)"`))
	p.say("Have it checked as often as you like; the check changes nothing. If you are stuck there are hints:")
	_, _ = fmt.Fprintf(p.out, "  %s\n  %s\n\n", p.paint.in(bold, "waxseal learn check"), p.paint.in(bold, "waxseal learn hint"))
}

func minutes(e *learn.Exercise) string {
	if e.Minutes == 1 {
		return "a minute"
	}
	return fmt.Sprintf("%d minutes", e.Minutes)
}

// listed is an exercise of the list, as data.
type listed struct {
	Number  int        `json:"number"`
	Name    string     `json:"name"`
	Title   string     `json:"title"`
	Domain  string     `json:"domain"`
	Minutes int        `json:"minutes"`
	Done    *time.Time `json:"done"`
}

func (l *lessons) listJSON() error {
	list := []listed{}
	for _, e := range l.all {
		one := listed{Number: e.Number, Name: e.Name, Title: e.Title, Domain: e.Domain, Minutes: e.Minutes}
		if done := l.progress.of(e).Done; !done.IsZero() {
			one.Done = &done
		}
		list = append(list, one)
	}
	text, err := json.MarshalIndent(map[string]any{"exercises": list}, "", "  ")
	if err == nil {
		_, err = fmt.Fprintf(l.out, "%s\n", text)
	}
	return err
}
