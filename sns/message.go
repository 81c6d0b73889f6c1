package sns

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/waxseal/waxseal/internal/eventpattern"
)

// message is a message on its way from a publisher to the subscribers.
type message struct {
	ID       string
	TopicArn string
	Text     string
	// Texts are the texts by protocol where the message's structure is json.
	Texts           map[string]string
	Subject         *string
	Attributes      map[string]MessageAttributeValue
	GroupID         string
	DeduplicationID string
	Sequence        string
	Time            time.Time

	// What filters look at, made when the first filter does.
	byAttributes *eventpattern.Event
	byBody       map[string]*eventpattern.Event // by text; nil: no JSON object
}

// defaultMessageSize is the limit of a topic that sets none, in bytes.
const defaultMessageSize = 262144

func (t *topicRecord) maximumSize() int {
	if n, err := strconv.Atoi(t.Attributes[attrMaximumMessageSize]); err == nil {
		return n
	}
	return defaultMessageSize
}

// size is what AWS counts of a message: its text, and the names, types and
// values of its attributes [N091].
func (m *message) size() int {
	n := len(m.Text)
	for name, a := range m.Attributes {
		n += a.size(name)
	}
	return n
}

// text is what the subscribers of a protocol are sent [N095].
func (m *message) text(protocol string) string {
	if text, ok := m.Texts[protocol]; ok {
		return text
	}
	if text, ok := m.Texts["default"]; ok {
		return text
	}
	return m.Text
}

// check refuses a message that is invalid for every destination, and reads a json
// structure. platform is the push service of a message to one platform endpoint; else
// empty.
func (m *message) check(structure, platform string) error {
	if m.Text == "" {
		return invalidParameter("Empty message") // [N089]
	}
	if m.Subject != nil && !validSubject(*m.Subject) {
		return invalidParameter("Subject") // [N090]
	}
	if err := checkMessageAttributes(m.Attributes); err != nil {
		return err
	}
	switch structure {
	case "":
		return nil
	case "json":
		return m.readTexts(platform)
	default:
		return invalidParameter("MessageStructure")
	}
}

// validSubject: less than 100 characters, no line breaks or control characters.
func validSubject(subject string) bool {
	return subject != "" && utf8.RuneCountInString(subject) <= 100 && !strings.ContainsFunc(subject, unicode.IsControl)
}

// readTexts reads a message whose structure is json [N092]-[N095]. A message to
// one platform endpoint needs no text but the one for its platform.
func (m *message) readTexts(platform string) error {
	var members map[string]any
	if err := json.Unmarshal([]byte(m.Text), &members); err != nil || members == nil {
		return invalidParameter("Message Structure - JSON message body failed to parse")
	}
	m.Texts = make(map[string]string, len(members))
	for protocol, value := range members {
		if text, ok := value.(string); ok {
			m.Texts[protocol] = text
		}
	}
	_, general := m.Texts["default"]
	_, own := m.Texts[platform]
	switch {
	case general || own && platform != "":
		return nil
	case platform != "":
		return invalidParameter("JSON must contain an entry for 'default' or '%s'.", platform)
	default:
		return invalidParameter("Message Structure - No default entry in JSON message body")
	}
}
