package runtime

import (
	"github.com/waxseal/waxseal/cloudformation"
	"github.com/waxseal/waxseal/cloudtrail"
	"github.com/waxseal/waxseal/ec2"
	"github.com/waxseal/waxseal/events"
	"github.com/waxseal/waxseal/iam"
	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/egress"
	"github.com/waxseal/waxseal/kms"
	"github.com/waxseal/waxseal/organizations"
	"github.com/waxseal/waxseal/s3"
	"github.com/waxseal/waxseal/sns"
	"github.com/waxseal/waxseal/sqs"
	"github.com/waxseal/waxseal/ssm"
	"github.com/waxseal/waxseal/sts"
)

// Service is an AWS service. It may have more methods: Start, which begins what it
// does in the background by calls of other services, once all are there; Close, which
// stops what it does in the background; CatchUp, which does in an idle service what is due
// there; Refresh, which looks at what others have written to the state; Flush, which writes
// what it has not written yet; and PoliciesInForce, which lists the policies of its
// resources for coverage.
type Service interface {
	// API describes the service. No other code depends on the service's name.
	API() api.Service
}

// Constructor makes a service from the configuration, as a part of a Runtime whose
// identities and dispatcher exist already.
type Constructor func(*Runtime, *Config) Service

// All are all services. To add one is a line here.
var All = []Constructor{
	func(rt *Runtime, c *Config) Service { rt.SQS = newSQS(rt, c); return rt.SQS },
	func(rt *Runtime, c *Config) Service { rt.SNS = newSNS(rt, c); return rt.SNS },
	func(rt *Runtime, c *Config) Service { rt.KMS = newKMS(rt, c); return rt.KMS },
	func(rt *Runtime, c *Config) Service { rt.IAM = newIAM(rt, c); return rt.IAM },
	newSTS,
	newOrganizations,
	func(rt *Runtime, c *Config) Service { rt.EC2 = newEC2(rt, c); return rt.EC2 },
	func(rt *Runtime, c *Config) Service { rt.S3 = newS3(rt, c); return rt.S3 },
	func(rt *Runtime, c *Config) Service { rt.CloudTrail = newCloudTrail(rt, c); return rt.CloudTrail },
	func(rt *Runtime, c *Config) Service { rt.Events = newEvents(rt, c); return rt.Events },
	func(rt *Runtime, c *Config) Service {
		rt.CloudFormation = newCloudFormation(rt, c)
		return rt.CloudFormation
	},
	func(rt *Runtime, _ *Config) Service { return ssm.New(ssm.Config{Parameters: rt.CloudFormation}) },
}

func newSQS(rt *Runtime, c *Config) *sqs.Service {
	return sqs.New(sqs.Config{
		Engine: c.Engine, Clock: c.Clock, IDs: c.IDs, HSM: c.HSM, Log: c.Log, Idle: c.idle,
		KMS: keys{rt, "sqs"}, Names: rt.Identity, Principal: rt.Identity.Principal,
		PrincipalExists: rt.Identity.Exists, StrictPrincipals: c.Strict.Principals, StrictTransport: c.Strict.Transport,
	})
}

func newSNS(rt *Runtime, c *Config) *sns.Service {
	return sns.New(sns.Config{
		Engine: c.Engine, Clock: c.Clock, IDs: c.IDs, HSM: c.HSM, Log: c.Log, Idle: c.idle, Lanes: c.Lanes,
		KMS: keys{rt, "sns"}, Queues: queues{rt}, HTTPSender: httpSender(c), Recorder: rt.Deliveries, Outbox: rt.Captured, Names: rt.Identity,
		PrincipalExists: rt.Identity.Exists, StrictPrincipals: c.Strict.Principals, StrictTransport: c.Strict.Transport,
	})
}

// httpSender posts to endpoints; nobody does where nothing may leave.
func httpSender(c *Config) sns.HTTPSender {
	if c.Trial {
		return nil
	}
	return egress.HTTPSender{}
}

func newKMS(rt *Runtime, c *Config) *kms.Service {
	return kms.New(kms.Config{
		Engine: c.Engine, Clock: c.Clock, IDs: c.IDs, HSM: c.HSM, Log: c.Log, Regions: c.Regions, Names: rt.Identity,
		PrincipalExists: rt.Identity.Exists, StrictPrincipals: c.Strict.Principals,
	})
}

func newIAM(rt *Runtime, c *Config) *iam.Service {
	return iam.New(iam.Config{Directory: rt.Identity, Log: c.Log, StrictPrincipals: c.Strict.Principals})
}

func newOrganizations(rt *Runtime, c *Config) Service {
	return organizations.New(organizations.Config{Directory: rt.Identity, IDs: c.IDs, Log: c.Log})
}

func newEC2(rt *Runtime, c *Config) *ec2.Service {
	return ec2.New(ec2.Config{Engine: c.Engine, Clock: c.Clock, IDs: c.IDs, Regions: c.Regions, EncodeMessage: rt.Identity.EncodeMessage, Log: c.Log})
}

func newS3(rt *Runtime, c *Config) *s3.Service {
	return s3.New(s3.Config{
		Engine: c.Engine, Clock: c.Clock, IDs: c.IDs, HSM: c.HSM, Regions: c.Regions, Log: c.Log, Idle: c.idle,
		Receivers: receivers{rt}, Buses: defaultBuses{rt}, Recorder: rt.Deliveries,
		KMS: keys{rt, "s3"}, Names: rt.Identity, PrincipalExists: rt.Identity.Exists, StrictPrincipals: c.Strict.Principals,
	})
}

func newSTS(rt *Runtime, c *Config) Service {
	issuers := egress.IssuerKeys
	if c.Trial {
		issuers = nil
	}
	return sts.New(sts.Config{Directory: rt.Identity, Issuers: issuers, Maker: bootstrap{rt}})
}

func newCloudTrail(rt *Runtime, c *Config) *cloudtrail.Service {
	return cloudtrail.New(cloudtrail.Config{
		Engine: c.Engine, Clock: c.Clock, IDs: c.IDs, HSM: c.HSM, Log: c.Log, Idle: c.idle,
		Buckets: trailBuckets{rt}, Topics: trailTopics{rt}, Keys: trailKeys{rt},
	})
}

func newEvents(rt *Runtime, c *Config) *events.Service {
	return events.New(events.Config{
		Engine: c.Engine, Clock: c.Clock, IDs: c.IDs, HSM: c.HSM, Log: c.Log, Lanes: c.Lanes,
		Targets: ruleTargets{rt}, Roles: ruleTargets{rt}, Recorder: rt.Deliveries,
		Names: rt.Identity, PrincipalExists: rt.Identity.Exists, StrictPrincipals: c.Strict.Principals,
	})
}

func newCloudFormation(rt *Runtime, c *Config) *cloudformation.Service {
	return cloudformation.New(cloudformation.Config{
		Engine: c.Engine, Clock: c.Clock, IDs: c.IDs, World: stacks{rt}, Idle: c.idle, Log: c.Log,
	})
}
