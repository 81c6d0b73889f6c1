package sns

import (
	"context"
	"log/slog"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
)

// PutDataProtectionPolicyInput is the input of PutDataProtectionPolicy.
type PutDataProtectionPolicyInput struct {
	DataProtectionPolicy string `check:"required"`
	ResourceArn          string `check:"required"`
}

func (in *PutDataProtectionPolicyInput) resource() string { return in.ResourceArn }

// PutDataProtectionPolicyOutput is the output of PutDataProtectionPolicy.
type PutDataProtectionPolicyOutput struct{}

// PutDataProtectionPolicy sets the topic's data protection policy. An empty one
// removes it.
//
// See https://docs.aws.amazon.com/sns/latest/api/API_PutDataProtectionPolicy.html.
func (s *Service) PutDataProtectionPolicy(ctx context.Context, in *PutDataProtectionPolicyInput) (*PutDataProtectionPolicyOutput, error) {
	return api.Do(ctx, in, onResource(s, (*PutDataProtectionPolicyInput).resource), s.putDataProtectionPolicy)
}

func (s *Service) putDataProtectionPolicy(ctx context.Context, topic *topicRecord, in *PutDataProtectionPolicyInput) (*PutDataProtectionPolicyOutput, error) {
	if in.DataProtectionPolicy != "" {
		if err := checkDataProtection(in.DataProtectionPolicy); err != nil {
			return nil, err
		}
	}
	err := s.editTopic(ctx, topic, func(_ store.Tx, topic *topicRecord) error {
		topic.DataProtection = in.DataProtectionPolicy
		return nil
	})
	if err != nil {
		return nil, err
	}
	if in.DataProtectionPolicy != "" {
		s.warnUndetected(ctx, in.ResourceArn, in.DataProtectionPolicy)
	}
	return &PutDataProtectionPolicyOutput{}, nil
}

// warnUndetected logs the identifiers in a topic's new policy whose data is not
// recognized here.
func (s *Service) warnUndetected(ctx context.Context, topic, policy string) {
	d, err := readProtection(policy)
	if err != nil {
		return
	}
	for _, st := range d.Statement {
		for _, id := range st.DataIdentifier {
			if name, managed := managedIdentifier(id); managed && detectors[name] == nil {
				s.log.LogAttrs(ctx, slog.LevelWarn, "sns: data of this kind is not recognized here, so the policy does nothing about it",
					slog.String("topic", topic), slog.String("dataIdentifier", name))
			}
		}
	}
}

// GetDataProtectionPolicyInput is the input of GetDataProtectionPolicy.
type GetDataProtectionPolicyInput struct {
	ResourceArn string `check:"required"`
}

func (in *GetDataProtectionPolicyInput) resource() string { return in.ResourceArn }

// GetDataProtectionPolicyOutput is the output of GetDataProtectionPolicy.
type GetDataProtectionPolicyOutput struct {
	DataProtectionPolicy string
}

// GetDataProtectionPolicy answers the topic's data protection policy [N040].
//
// See https://docs.aws.amazon.com/sns/latest/api/API_GetDataProtectionPolicy.html.
func (s *Service) GetDataProtectionPolicy(ctx context.Context, in *GetDataProtectionPolicyInput) (*GetDataProtectionPolicyOutput, error) {
	return api.Do(ctx, in, onResource(s, (*GetDataProtectionPolicyInput).resource), s.getDataProtectionPolicy)
}

func (s *Service) getDataProtectionPolicy(_ context.Context, topic *topicRecord, _ *GetDataProtectionPolicyInput) (*GetDataProtectionPolicyOutput, error) {
	return &GetDataProtectionPolicyOutput{DataProtectionPolicy: topic.DataProtection}, nil
}

// onResource resolves an input of the operations that call a topic a resource and
// say of a missing one that the topic does not exist.
func onResource[In any](s *Service, resource func(In) string) func(context.Context, In) (api.Target, *topicRecord, error) {
	return func(ctx context.Context, in In) (api.Target, *topicRecord, error) {
		return s.topicTarget(ctx, resource(in), "ResourceArn")
	}
}
