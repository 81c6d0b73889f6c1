package kms

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
)

// managedKey is an AWS managed key: a service makes it for itself in the account when
// it is first needed. The key's policy lets the account's principals use it through
// that service and read its settings, and denies every change to it.
type managedKey struct {
	service  string // whose requests use it, such as sqs
	id       string // of its policy
	name     string // of the service, as the policy has it
	protects string // as the description has it
	actions  []string
}

// The actions that the policies allow through the service.
var (
	managedStorage = []string{"kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:CreateGrant", "kms:DescribeKey"}
	managedObjects = []string{"kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"}
	managedTopics  = []string{"kms:Decrypt", "kms:GenerateDataKey*", "kms:CreateGrant", "kms:ListGrants", "kms:DescribeKey"}
)

// managedKeys are the keys by their aliases. Keys of services that are not emulated
// exist too: clients describe them, and calls can be made as those services.
var managedKeys = map[string]managedKey{
	awsAliasPrefix + "acm":               {"acm", "auto-acm-1", "ACM", "ACM private keys", managedStorage},
	awsAliasPrefix + "backup":            {"backup", "auto-backup-1", "Backup", "Backup data", managedStorage},
	awsAliasPrefix + "codecommit":        {"codecommit", "auto-codecommit-1", "CodeCommit", "CodeCommit repositories", managedStorage},
	awsAliasPrefix + "dms":               {"dms", "auto-dms-1", "DMS", "DMS replication instances", managedStorage},
	awsAliasPrefix + "dynamodb":          {"dynamodb", "auto-dynamodb-1", "DynamoDB", "DynamoDB data", managedStorage},
	awsAliasPrefix + "ebs":               {"ec2", "auto-ebs-2", "EBS", "EBS volumes", managedStorage},
	awsAliasPrefix + "elasticfilesystem": {"elasticfilesystem", "auto-elasticfilesystem-1", "EFS", "EFS filesystems", managedStorage},
	awsAliasPrefix + "es":                {"es", "auto-es-1", "Elasticsearch", "Elasticsearch data", managedStorage},
	awsAliasPrefix + "fsx":               {"fsx", "auto-fsx-1", "FSx", "FSx resources", managedStorage},
	awsAliasPrefix + "glue":              {"glue", "auto-glue-1", "Glue", "Glue data", managedStorage},
	awsAliasPrefix + "kinesis":           {"kinesis", "auto-kinesis-1", "Kinesis", "Kinesis data", managedStorage},
	awsAliasPrefix + "kinesisvideo":      {"kinesisvideo", "auto-kinesisvideo-1", "Kinesis Video Streams", "Kinesis Video Streams data", managedStorage},
	awsAliasPrefix + "lambda":            {"lambda", "auto-awslambda", "AWS Lambda", "Lambda functions", managedStorage},
	awsAliasPrefix + "lightsail":         {"lightsail", "auto-lightsail-1", "Lightsail", "Lightsail data", managedStorage},
	awsAliasPrefix + "rds":               {"rds", "auto-rds-2", "RDS", "RDS database volumes", managedStorage},
	awsAliasPrefix + "redshift":          {"redshift", "auto-redshift-2", "Redshift", "Redshift clusters", managedStorage},
	awsAliasPrefix + "s3":                {"s3", "auto-s3-2", "S3", "S3 objects", managedObjects},
	awsAliasPrefix + "secretsmanager":    {"secretsmanager", "auto-secretsmanager-2", "AWS Secrets Manager", "Secrets Manager data", managedStorage},
	awsAliasPrefix + "sns":               {"sns", "auto-sns-1", "SNS", "SNS data", managedTopics},
	awsAliasPrefix + "sqs":               {"sqs", "auto-sqs-1", "SQS", "SQS messages", managedStorage},
	awsAliasPrefix + "ssm":               {"ssm", "auto-ssm-1", "SSM", "SSM parameters", managedStorage},
	awsAliasPrefix + "workspaces":        {"workspaces", "auto-workspaces-1", "WorkSpaces", "WorkSpaces volumes", managedStorage},
	awsAliasPrefix + "xray":              {"xray", "auto-xray-1", "X-Ray", "X-Ray data", managedStorage},
}

func (m managedKey) description() string {
	return "Default key that protects my " + m.protects + " when no other key is defined"
}

func (m managedKey) sid() string {
	through := m.name
	if m.service == "sqs" {
		through = "Simple Queue Service (SQS)"
	}
	return "Allow access through " + through + " for all principals in the account that are authorized to use " + m.name
}

// predefinedAliases are the names of the AWS managed keys, in order.
func predefinedAliases() []string { return slices.Sorted(maps.Keys(managedKeys)) }

func (m managedKey) policy(p place) string {
	return `{
  "Version" : "2012-10-17",
  "Id" : "` + m.id + `",
  "Statement" : [ {
    "Sid" : "` + m.sid() + `",
    "Effect" : "Allow",
    "Principal" : {
      "AWS" : "*"
    },
    "Action" : [ "` + strings.Join(m.actions, `", "`) + `" ],
    "Resource" : "*",
    "Condition" : {
      "StringEquals" : {
        "kms:ViaService" : "` + m.service + `.` + p.region + `.amazonaws.com",
        "kms:CallerAccount" : "` + p.account + `"
      }
    }
  }, {
    "Sid" : "Allow direct access to key metadata to the account",
    "Effect" : "Allow",
    "Principal" : {
      "AWS" : "` + p.root() + `"
    },
    "Action" : [ "kms:Describe*", "kms:Get*", "kms:List*", "kms:RevokeGrant" ],
    "Resource" : "*"
  } ]
}`
}

// managedPeriod is how often AWS managed keys rotate, in days.
const managedPeriod = 365

// provide makes the AWS managed key that a use names by its alias, if the call comes
// through the key's own service, or only describes the key.
func (s *Service) provide(ctx context.Context, u keyUse) error {
	if u.asIs || !u.aliases || !strings.Contains(u.name, awsAliasPrefix) {
		return nil
	}
	l, err := parseKeyID(ctx, u.name, true)
	if err != nil || l.place != here(ctx) {
		return nil // the lookup of the key reports the error
	}
	m, ok := managedKeys[l.alias]
	if !ok || !u.predefined && !slices.Contains(api.RequestFrom(ctx).CalledVia, m.service+".amazonaws.com") {
		return nil
	}
	var exists bool
	err = s.engine.View(ctx, func(r store.Reader) error {
		exists = s.aliases.Get(r, l.key(l.alias)) != nil
		return nil
	})
	if err != nil || exists {
		return err
	}
	return s.createManaged(ctx, l.place, l.alias, m)
}

func (s *Service) createManaged(ctx context.Context, p place, alias string, m managedKey) error {
	now := s.clock.Now()
	k := &keyRecord{
		Account: p.account, Region: p.region, ID: s.ids.UUID(),
		Created: now, Description: m.description(),
		Spec: SpecSymmetric, Usage: UsageEncryptDecrypt, Origin: OriginKMS, Manager: ManagerAWS,
		Policy:   m.policy(p),
		Rotation: rotation{Enabled: true, Period: managedPeriod, Next: now.Add(days(managedPeriod))},
	}
	first := newSecret(k.ID, randomBytes(32))
	k.Materials, k.Current = []material{first.record()}, first.id
	if err := k.Load(); err != nil {
		return err
	}
	return s.engine.Update(ctx, func(tx store.Tx) error {
		if s.aliases.Get(tx, p.key(alias)) != nil {
			return nil // another call has made it meanwhile
		}
		k.Aliases = nil // this closure may run again
		s.addAlias(tx, k, alias)
		s.putSecret(tx, k, first)
		s.keys.Put(tx, k.key(), k)
		return nil
	})
}
