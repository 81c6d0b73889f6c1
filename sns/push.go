package sns

import (
	"context"
	"log/slog"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/internal/trail"
)

// announce publishes an event of an endpoint to the topic that the application names
// for such events, if it names one.
//
// See https://docs.aws.amazon.com/sns/latest/dg/application-event-notifications.html.
func (s *Service) announce(ctx context.Context, topic, event string, device *deviceRecord) {
	if topic == "" {
		return
	}
	m := &message{TopicArn: topic, Text: marshal(map[string]string{
		"EventType": event, "Service": "SNS", "Resource": device.Application, "EndpointArn": device.Arn,
		"Time": s.clock.Now().UTC().Format(timestampLayout),
	})}
	err := api.RetryChanged(func() error {
		to, err := s.readAudience(ctx, func(r store.Reader) (*topicRecord, error) { return s.topic(r, topic) })
		if err != nil {
			return err
		}
		return s.publish(ctx, to, errMessageTooLong, m)
	})
	if err != nil {
		s.log.LogAttrs(ctx, slog.LevelWarn, "sns: an application's event cannot be published",
			slog.String("topic", topic), slog.String("event", event), slog.Any("error", err))
	}
}

// installation is a platform endpoint and its application.
type installation struct {
	device      *deviceRecord
	application *applicationRecord
}

// installation is the platform endpoint of that ARN, or nil.
func (s *Service) installation(r store.Reader, text string) *installation {
	device := s.device(r, text)
	if device == nil {
		return nil
	}
	return &installation{device, s.applications.Get(r, device.Application)}
}

// installationTarget resolves a message to a platform endpoint.
func (s *Service) installationTarget(ctx context.Context, text string) (target api.Target, to *installation, err error) {
	name, err := parseDeviceARN(ctx, text, "TargetArn")
	if err != nil {
		return target, nil, err
	}
	target = api.Target{ARN: text, Account: name.AccountID}
	err = s.engine.View(ctx, func(r store.Reader) error {
		if to = s.installation(r, text); to == nil {
			target.Missing = errNoDevice
		}
		return nil
	})
	return target, to, err
}

// refuses is why an endpoint gets no message [M012]; nil: it does.
func (i *installation) refuses() error {
	switch {
	case i == nil:
		return errDeviceNotFound
	case !i.device.enabled():
		return ErrEndpointDisabled
	case !i.application.enabled():
		return ErrPlatformDisabled
	}
	return nil
}

// refusedByDevice is why the endpoint of that ARN gets no message now; nil: it does.
func (s *Service) refusedByDevice(ctx context.Context, text string) error {
	return s.engine.View(ctx, func(r store.Reader) error { return s.installation(r, text).refuses() })
}

// publishToDevice sends a message to one platform endpoint: it is captured. A disabled
// endpoint is reported before any mistake in the message.
func (s *Service) publishToDevice(ctx context.Context, to *installation, m *message, structure string) error {
	text := to.device.Arn
	if err := to.refuses(); err != nil {
		if api.AsError(err).Code == ErrEndpointDisabled.Code {
			s.announce(ctx, to.application.Attributes["EventDeliveryFailure"], "DeliveryFailure", to.device)
		}
		return err
	}
	if err := m.check(structure, platformOf(text)); err != nil {
		return err
	}
	if m.size() > defaultMessageSize {
		return errMessageTooLong
	}
	m.ID, m.Time = s.ids.UUID(), s.clock.Now()
	request := api.RequestFrom(ctx)
	s.outside.Capture(Captured{
		Account: request.Account, Region: request.Region, Time: m.Time, Protocol: protocolApplication, Endpoint: text,
		MessageID: m.ID, Body: m.text(platformOf(text)), Attributes: m.Attributes, Structured: m.Texts != nil,
	})
	s.record(ctx, &trail.Delivery{
		ID: s.ids.UUID(), MessageID: m.ID, Protocol: protocolApplication, Endpoint: text, Status: trail.StatusSuccess, Attempts: 1,
		Outcome: trail.Outcome{StatusCode: 200, ProviderResponse: `{"captured":true}`}, Published: m.Time, Time: m.Time,
	})
	return nil
}

// platformOf is the push service of an endpoint: the name of its text in
// messages whose structure is json.
func platformOf(endpoint string) string {
	if parts := strings.Split(endpoint, "/"); len(parts) > 1 {
		return parts[1]
	}
	return ""
}
