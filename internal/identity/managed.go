package identity

import (
	"embed"
	"encoding/json"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/store"
)

// awsFiles are the managed policies of AWS that matter to the emulated
// services, one file each. Those that AWS gives for everything
// (ReadOnlyAccess, SecurityAudit) are cut down to what is emulated.
//
//go:embed awsmanaged/*.json
var awsFiles embed.FS

// awsAccount stands in the account's place in the ARNs of AWS's own policies.
const awsAccount = "aws"

// awsPolicies are AWS's managed policies of a partition, by name.
func awsPolicies(partition string) map[string]*Policy {
	if load, ok := awsPartitions[partition]; ok {
		return load()
	}
	return nil
}

// awsPartitions are read when they are first asked for.
var awsPartitions = map[string]func() map[string]*Policy{
	"aws":        sync.OnceValue(func() map[string]*Policy { return readAWSPolicies("aws") }),
	"aws-cn":     sync.OnceValue(func() map[string]*Policy { return readAWSPolicies("aws-cn") }),
	"aws-us-gov": sync.OnceValue(func() map[string]*Policy { return readAWSPolicies("aws-us-gov") }),
}

// readAWSPolicies panics where a file is not what it has to be, which a test rules out.
func readAWSPolicies(partition string) map[string]*Policy {
	files, err := awsFiles.ReadDir("awsmanaged")
	if err != nil {
		panic("identity: " + err.Error())
	}
	policies := make(map[string]*Policy, len(files))
	for _, f := range files {
		name := strings.TrimSuffix(f.Name(), ".json")
		p, err := readAWSPolicy(partition, name)
		if err != nil {
			panic("identity: " + f.Name() + ": " + err.Error())
		}
		policies[name] = p
	}
	return policies
}

func readAWSPolicy(partition, name string) (*Policy, error) {
	text, err := awsFiles.ReadFile("awsmanaged/" + name + ".json")
	if err != nil {
		return nil, err
	}
	var file struct {
		Path, ID, Description string
		Created, Updated      time.Time
		Version               string
		Document              json.RawMessage
	}
	if err := json.Unmarshal(text, &file); err != nil {
		return nil, err
	}
	p := &Policy{
		Entity:      Entity{Account: awsAccount, Partition: partition, Path: file.Path, Name: name, ID: file.ID, Created: file.Created},
		Description: file.Description, Updated: file.Updated, Default: file.Version,
		Versions: []PolicyVersion{{ID: file.Version, Document: string(file.Document), Created: file.Updated}},
	}
	return p, p.Load()
}

// Managed is the managed policy of that ARN, of the account or of AWS, or nil.
func (d *Directory) Managed(r store.Reader, account, policyARN string) *Policy {
	a, err := arn.Parse(policyARN)
	if err != nil {
		return nil
	}
	name := lastSegment(a.Resource)
	var p *Policy
	switch a.AccountID {
	case awsAccount:
		p = awsPolicies(a.Partition)[name]
	case account:
		p = d.Policies.Get(r, account, name)
	}
	if p == nil || p.ARN() != policyARN {
		return nil
	}
	return p
}

// AWSPolicies yields AWS's managed policies in the order of their names.
// region tells the partition.
func AWSPolicies(region string) iter.Seq[*Policy] {
	policies := awsPolicies(arn.Partition(region))
	return func(yield func(*Policy) bool) {
		for _, name := range slices.Sorted(maps.Keys(policies)) {
			if !yield(policies[name]) {
				return
			}
		}
	}
}

// IsAWS reports whether the policy is one of AWS's own.
func (p *Policy) IsAWS() bool { return p.Account == awsAccount }
