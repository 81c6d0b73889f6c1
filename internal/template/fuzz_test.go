package template

import (
	"testing"
	"time"
)

// FuzzTemplate: no text panics or takes long, and what can be instantiated can be
// resolved or says why not.
func FuzzTemplate(f *testing.F) {
	for _, tt := range refused {
		if len(tt.text) < 2000 {
			f.Add(tt.text)
		}
		if len(tt.right) < 2000 {
			f.Add(tt.right)
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		start := time.Now()
		tpl, err := Parse(text)
		if err != nil {
			return
		}
		tpl.Processed()
		s := scope()
		s.SSM = func(name string) (string, bool) { return name, true }
		i, err := tpl.Instantiate(s)
		if err != nil {
			return
		}
		for _, r := range i.Resources() {
			for _, l := range []Lookup{nothing{}, made{}} {
				if n, err := i.Properties(r.ID, l); err == nil {
					n.JSON()
				}
				if n, err := i.Metadata(r.ID, l); err == nil {
					n.JSON()
				}
			}
		}
		_, _ = i.Outputs(made{})
		i.Template().Processed()
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("it took %v", took)
		}
	})
}
