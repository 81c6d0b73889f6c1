package terraform

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
)

func (r *reader) key(one *resource) {
	o := r.add(one, "keys")
	id := one.get("key_id")
	if id == nil {
		id = one.get("id")
	}
	o.put("id", id)
	o.put("description", one.get("description"))
	o.put("spec", one.get("customer_master_key_spec"))
	o.put("usage", one.get("key_usage"))
	o.put("policy", r.known(one, "policy"))
	o.put("tags", one.tags())
	for _, argument := range []string{"is_enabled", "enabled"} {
		if one.text(argument) == "false" {
			o.put("enabled", one.get(argument))
		}
	}
	if one.is("enable_key_rotation") {
		o.put("rotation", one.word("365"))
		if days := one.get("rotation_period_in_days"); days != nil && days.Value != "0" {
			o.put("rotation", days)
		}
	}
	one.inRegion(o)
}

// externalKey is a key with imported material, which becomes one of KMS's own material.
func (r *reader) externalKey(one *resource) {
	r.key(one)
	material, err := base64.StdEncoding.DecodeString(one.text("key_material_base64"))
	if err == nil && len(material) > 0 {
		one.made.put("material", one.word(hex.EncodeToString(material)))
	}
	r.warn(one, "made as a key of origin AWS_KMS; imported material does not expire")
}

func (r *reader) keyPolicy(one *resource) {
	policy := r.known(one, "policy")
	if policy == nil {
		return
	}
	if o := r.owner(one, "key_id", keyKinds...); o != nil {
		o.put("policy", policy)
	}
}

var keyKinds = []string{"aws_kms_key", "aws_kms_external_key"}

func (r *reader) alias(one *resource) {
	o := r.owner(one, "target_key_id", keyKinds...)
	switch name := one.get("name"); {
	case o == nil:
	case member(o.Node, "alias") == nil:
		o.put("alias", name)
	default:
		o.once("aliases", name)
	}
}

func (r *reader) grant(one *resource) {
	grantee := r.known(one, "grantee_principal")
	if grantee == nil {
		return
	}
	o := r.owner(one, "key_id", keyKinds...)
	if o == nil {
		return
	}
	g := newObject(one.node)
	g.put("id", one.get("grant_id"))
	g.put("name", one.get("name"))
	g.put("grantee", grantee)
	g.put("retiring", r.known(one, "retiring_principal"))
	g.put("operations", one.get("operations"))
	for _, constraint := range items(one.get("constraints")) {
		g.put("contextEquals", member(constraint, "encryption_context_equals"))
		g.put("contextSubset", member(constraint, "encryption_context_subset"))
	}
	push(o.list("grants"), g.Node)
}

// replica is a key in another region than its primary key.
func (r *reader) replica(one *resource) {
	primary := r.find(one, "primary_key_arn", "aws_kms_key")
	if primary == nil {
		r.owner(one, "primary_key_arn", "aws_kms_key")
		return
	}
	if one.region == "" || one.region == primary.region {
		r.warn(one, "left out: the file does not say in which region it is")
		return
	}
	primary.made.once("replicas", one.word(one.region))
	if policy := one.text("policy"); policy != "" && strings.TrimSpace(policy) != strings.TrimSpace(primary.text("policy")) {
		r.warn(one, "made with the policy, tags and description of %s", primary.address)
	}
}
