package learn

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// Call is an operation such as sqs:SendMessage, with its input.
type Call struct {
	Call   string         `yaml:"call"`
	Params map[string]any `yaml:"params"`
}

// Check is one step of the checks: exactly one of Call, Advance, Recorded and Logged is
// set.
type Check struct {
	// Say is what is checked. Otherwise is what to say where it does not hold.
	Say       string `yaml:"say"`
	Otherwise string `yaml:"otherwise"`

	Call `yaml:",inline"`
	// As, Service and Anonymous say who calls: exactly one of them.
	As            string `yaml:"as"`
	Service       string `yaml:"service"`
	SourceArn     string `yaml:"sourceArn"`
	SourceAccount string `yaml:"sourceAccount"`
	Anonymous     bool   `yaml:"anonymous"`
	// Over is http or https, which it is where it is empty.
	Over string `yaml:"over"`
	// Endpoint is the id of the VPC endpoint through which the call comes.
	Endpoint string `yaml:"endpoint"`
	// Expect is allowed, denied or the code of an error.
	Expect string `yaml:"expect"`
	// Response is what the answer must have: globs by dotted paths. A nil one: nothing is there.
	Response map[string]*string `yaml:"response"`
	// Save gives names to values of the answer, by dotted paths, for ${NAME} in later params.
	Save map[string]string `yaml:"save"`

	// Advance turns the clock.
	Advance Duration `yaml:"advance"`
	// Recorded is a call that the learner must have made.
	Recorded *Event `yaml:"recorded"`
	// Logged is a record that the log files of a trail must have.
	Logged *Event `yaml:"logged"`
}

// Event is a call as CloudTrail records it. What is not given may be anything.
type Event struct {
	Bucket    string  `yaml:"bucket"` // of the log files; only of Logged
	EventName string  `yaml:"eventName"`
	Principal string  `yaml:"principal"`
	Resource  string  `yaml:"resource"`
	ErrorCode *string `yaml:"errorCode"`
	// Expect is none where there must be no such record; else empty.
	Expect string `yaml:"expect"`
}

// Duration is a duration such as 10m.
type Duration time.Duration

// UnmarshalYAML implements yaml.Unmarshaler.
func (d *Duration) UnmarshalYAML(n *yaml.Node) error {
	parsed, err := time.ParseDuration(n.Value)
	if err != nil || parsed <= 0 {
		return fmt.Errorf("line %d: %q is no duration such as 10m", n.Line, n.Value)
	}
	*d = Duration(parsed)
	return nil
}

// Denied and Allowed are what a call may be expected to be.
const (
	Allowed = "allowed"
	Denied  = "denied"
)

// check is what is wrong with a check.
func (c *Check) check() error {
	kinds := 0
	for _, is := range []bool{c.Call.Call != "", c.Advance != 0, c.Recorded != nil, c.Logged != nil} {
		if is {
			kinds++
		}
	}
	switch {
	case kinds != 1:
		return errors.New("a check is one of call, advance, recorded and logged")
	case c.Advance != 0:
		return nil
	case c.Say == "":
		return errors.New("say is missing")
	case c.Call.Call != "":
		return c.checkCall()
	case c.Recorded != nil:
		return c.Recorded.check(false)
	default:
		return c.Logged.check(true)
	}
}

func (c *Check) checkCall() error {
	who := 0
	for _, is := range []bool{c.As != "", c.Service != "", c.Anonymous} {
		if is {
			who++
		}
	}
	switch {
	case who != 1:
		return errors.New("one of as, service and anonymous says who calls")
	case c.Service == "" && (c.SourceArn != "" || c.SourceAccount != ""):
		return errors.New("sourceArn and sourceAccount are of calls by a service")
	case c.Over != "" && c.Over != "http" && c.Over != "https":
		return fmt.Errorf("over is http or https, not %q", c.Over)
	case c.Expect == "":
		return errors.New("expect is missing")
	case c.Expect != Allowed && (len(c.Response) > 0 || len(c.Save) > 0):
		return errors.New("response and save are of calls that are allowed")
	case !strings.Contains(c.Call.Call, ":"):
		return fmt.Errorf("call: %q is no operation such as sqs:SendMessage", c.Call.Call)
	}
	return nil
}

func (e *Event) check(logged bool) error {
	switch {
	case e.EventName == "":
		return errors.New("eventName is missing")
	case logged != (e.Bucket != ""):
		return errors.New("bucket is that of the log files of a check of what is logged")
	case e.Expect != "" && e.Expect != "none":
		return fmt.Errorf("expect is none, not %q", e.Expect)
	}
	return nil
}
