package sns

import (
	"context"
	"log/slog"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
)

// announce publishes what became of an endpoint to the topic that the
// application names for it, if it names one.
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
	if err := s.publish(ctx, topic, errMessageTooLong, m); err != nil {
		s.log.LogAttrs(ctx, slog.LevelWarn, "sns: an application's event cannot be published",
			slog.String("topic", topic), slog.String("event", event), slog.Any("error", err))
	}
}

// refusedByDevice is why an endpoint gets no message [M012]; nil: it does.
func (s *Service) refusedByDevice(ctx context.Context, text string) error {
	return s.engine.View(ctx, func(r store.Reader) error {
		device := s.devices.Get(r, text)
		if device == nil {
			return errDeviceNotFound
		}
		application := s.applications.Get(r, device.Application)
		switch {
		case !device.enabled():
			return ErrEndpointDisabled
		case application == nil || !application.enabled():
			return ErrPlatformDisabled
		}
		return nil
	})
}

// publishToDevice sends a message to one platform endpoint: into the outbox.
// Whether the endpoint gets any is asked before the message is looked at.
func (s *Service) publishToDevice(ctx context.Context, text string, m *message, structure string) error {
	if err := s.refusedByDevice(ctx, text); err != nil {
		if api.AsError(err).Code == ErrEndpointDisabled.Code {
			s.announceFailure(ctx, text)
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
	s.record(ctx, Delivery{
		ID: s.ids.UUID(), MessageID: m.ID, Protocol: protocolApplication, Endpoint: text, Status: StatusSuccess, Attempts: 1,
		Outcome: Outcome{200, `{"captured":true}`, ""}, Published: m.Time, Time: m.Time,
	})
	return nil
}

func (s *Service) announceFailure(ctx context.Context, text string) {
	var device *deviceRecord
	topic := ""
	err := s.engine.View(ctx, func(r store.Reader) error {
		if device = s.devices.Get(r, text); device == nil {
			return nil
		}
		if application := s.applications.Get(r, device.Application); application != nil {
			topic = application.Attributes["EventDeliveryFailure"]
		}
		return nil
	})
	if err == nil && device != nil {
		s.announce(ctx, topic, "DeliveryFailure", device)
	}
}

// platformOf is the push service of an endpoint: the name of its text in
// messages whose structure is json.
func platformOf(endpoint string) string {
	if parts := strings.Split(endpoint, "/"); len(parts) > 1 {
		return parts[1]
	}
	return ""
}
