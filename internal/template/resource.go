package template

import (
	"maps"
	"slices"
)

// Resource is a resource as it is written: its properties have functions in them.
type Resource struct {
	ID, Type                            string
	Properties                          *Node
	DependsOn                           []string
	Condition                           string
	Metadata                            *Node
	CreationPolicy, UpdatePolicy        *Node
	DeletionPolicy, UpdateReplacePolicy string
	// Raw is the whole of it.
	Raw *Node
	// At is where its name stands, TypeAt where its type does.
	At, TypeAt Position
}

var resourceKeys = []string{
	"Type", "Properties", "DependsOn", "Condition", "Metadata", "DeletionPolicy", "UpdateReplacePolicy",
	"UpdatePolicy", "CreationPolicy", "Description",
}

// samKeys are those that resources have besides until the transform is made.
var samKeys = []string{"Connectors", "IgnoreGlobals"}

func (t *Template) readResources() error {
	members, err := t.section("Resources", maxResources)
	if err != nil {
		return err
	}
	if len(members) == 0 {
		at := t.Root.At
		if n := t.Root.Get("Resources"); n != nil {
			at = n.At
		}
		return malformed(at, "At least one Resources member must be defined.")
	}
	for _, m := range members {
		if t.loops(m.Key) {
			continue
		}
		r, err := t.readResource(m)
		if err != nil {
			return err
		}
		t.Resources = append(t.Resources, r)
		t.resources[r.ID] = r
	}
	return nil
}

func (t *Template) readResource(m Member) (*Resource, error) {
	if err := named("Resource", m); err != nil {
		return nil, err
	}
	if m.Value.Kind != Map {
		return nil, malformed(m.Value.At, "Any Resources member must be an object.")
	}
	r := &Resource{ID: m.Key, At: m.KeyAt, Raw: m.Value}
	for _, part := range m.Value.Members {
		if slices.Contains(resourceKeys, part.Key) || slices.Contains(t.Transforms, Serverless) && slices.Contains(samKeys, part.Key) {
			continue
		}
		return nil, fault(part.KeyAt, "Invalid template resource property '%s'", part.Key)
	}
	kind := r.Raw.Get("Type")
	if kind == nil || kind.Kind != String {
		return nil, malformed(r.At, "[/Resources/%s] Every Resources object must contain a Type member.", r.ID)
	}
	r.Type, r.TypeAt = kind.Text, kind.At
	for _, part := range []struct {
		key string
		to  **Node
	}{
		{"Properties", &r.Properties}, {"Metadata", &r.Metadata},
		{"CreationPolicy", &r.CreationPolicy}, {"UpdatePolicy", &r.UpdatePolicy},
	} {
		if *part.to = r.Raw.Get(part.key); *part.to != nil && (*part.to).Kind != Map {
			return nil, malformed((*part.to).At, "[/Resources/%s/%s] Every %s member must be an object.", r.ID, part.key, part.key)
		}
	}
	if c := r.Raw.Get("Condition"); c != nil {
		if c.Kind != String {
			return nil, malformed(c.At, "Every Condition member must be a string.")
		}
		r.Condition = c.Text
	}
	if err := r.readDependsOn(); err != nil {
		return nil, err
	}
	return r, t.readPolicies(r)
}

// readDependsOn reads names of resources. [C116]
func (r *Resource) readDependsOn() error {
	n := r.Raw.Get("DependsOn")
	switch {
	case n == nil:
	case n.Kind == String:
		r.DependsOn = []string{n.Text}
	case n.Kind != List:
		return malformed(n.At, "DependsOn must be a string or list of strings.")
	default:
		for _, item := range n.Items {
			if item.Kind != String {
				return malformed(item.At, "Every DependsOn value must be a string.")
			}
			r.DependsOn = append(r.DependsOn, item.Text)
		}
	}
	return nil
}

// snapshots are the types that DeletionPolicy Snapshot is for.
var snapshots = []string{
	"AWS::DocDB::DBCluster", "AWS::EC2::Volume", "AWS::ElastiCache::CacheCluster", "AWS::ElastiCache::ReplicationGroup",
	"AWS::Neptune::DBCluster", "AWS::RDS::DBCluster", "AWS::RDS::DBInstance", "AWS::Redshift::Cluster",
}

// policyKeys are the attributes that say what becomes of a resource.
var policyKeys = []string{"DeletionPolicy", "UpdateReplacePolicy"}

// readPolicies reads what becomes of the resource. Functions are resolved by Instantiate.
func (t *Template) readPolicies(r *Resource) error {
	for _, key := range policyKeys {
		n := r.Raw.Get(key)
		if _, _, isFunction := function(n); n == nil || isFunction || len(t.Transforms) > 0 {
			continue // transforms make other types
		}
		if err := r.setPolicy(key, n); err != nil {
			return err
		}
	}
	return nil
}

// setPolicy sets one of the policies. [C117]
func (r *Resource) setPolicy(key string, n *Node) error {
	if n.Kind != String {
		return malformed(n.At, "Every %s member must be a string.", key)
	}
	to, name := &r.DeletionPolicy, "deletion"
	if key == "UpdateReplacePolicy" {
		to, name = &r.UpdateReplacePolicy, "update replace"
	}
	switch {
	case n.Text == "Delete" || n.Text == "Retain" || n.Text == "RetainExceptOnCreate" && key == "DeletionPolicy":
	case n.Text != "Snapshot":
		return malformed(n.At, "Unrecognized %s %s for resource %s", key, n.Text, r.ID)
	case !slices.Contains(snapshots, r.Type):
		return misused(n.At, "resource type %s does not support %s policy Snapshot", r.Type, name)
	}
	*to = n.Text
	return nil
}

// withPolicies is the template with the policies resolved that are functions, of
// parameters and conditions. [C152]
func (i *Instance) withPolicies() (*Template, error) {
	t := *i.t
	t.Resources, t.resources = slices.Clone(t.Resources), maps.Clone(t.resources)
	for n, res := range t.Resources {
		c := *res
		for _, key := range policyKeys {
			policy := res.Raw.Get(key)
			if _, _, isFunction := function(policy); !isFunction {
				continue
			}
			value, err := i.resolver("Resources", nil).value(policy)
			if err != nil {
				return nil, err
			}
			if value == nil || value.Kind == Unknown {
				continue
			}
			if err := c.setPolicy(key, value); err != nil {
				return nil, err
			}
		}
		t.Resources[n], t.resources[c.ID] = &c, &c
	}
	return &t, nil
}
