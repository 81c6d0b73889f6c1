package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/waxseal/waxseal/docs"
	"github.com/waxseal/waxseal/internal/nearest"
)

func newDocs() *cobra.Command {
	return &cobra.Command{
		Use:   "docs [TOPIC]",
		Short: "Print the documentation: a page of it, or which there are",
		Long: `Print a page of the documentation of this version, in Markdown; without a TOPIC,
the topics. What is printed needs no network, and is for people and for their coding
agents.`,
		Example: `  waxseal docs
  waxseal docs fixtures
  waxseal docs aws-behaviour/sqs`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			pages := docs.Pages()
			if len(args) == 0 {
				w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
				for _, p := range pages {
					if _, err := fmt.Fprintf(w, "%s\t%s\n", p.Topic, p.Title); err != nil {
						return err
					}
				}
				return w.Flush()
			}
			topic := strings.TrimSuffix(strings.TrimPrefix(args[0], "docs/"), ".md")
			i := slices.IndexFunc(pages, func(p docs.Page) bool { return p.Topic == topic })
			if i < 0 {
				topics := make([]string, len(pages))
				for j, p := range pages {
					topics[j] = p.Topic
				}
				return fmt.Errorf("there is no topic %q%s", args[0], cmp.Or(nearest.Hint(topic, topics), "; waxseal docs lists them"))
			}
			cmd.Print(pages[i].Text)
			return nil
		},
	}
}
