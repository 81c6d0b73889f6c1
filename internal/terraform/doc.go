// Package terraform reads what `terraform show -json` prints, of a state or of a plan, as
// the fixture file that declares the same.
//
// A state says all that exists, with its ids and ARNs, and those are kept: the ids of keys,
// grants, VPCs, endpoints and subscriptions, and the account and region of each ARN.
//
// A plan says what the configuration spells out. What only an apply would tell is made up
// from the resource's address, and so the same each time; an argument that refers to one
// attribute of another resource (of a module, by its variables and outputs, too) gets that.
// A text that is put together from such attributes, as most policies are, is not in the
// plan: it is left out, with a warning that names the address.
//
// Resources of AWS of which waxseal makes nothing are left out with a warning for each
// type; data sources and other providers' resources silently, for they are not AWS's.
//
// What differs from what Terraform made:
//
//   - Unique ids of roles, users and other identities are new ones.
//   - Keys have new material, but for imported material, which the state holds.
//   - Security groups let everything out or, where no rule does, nothing, and let in what comes over TCP from IPv4 blocks;
//     rules from other groups, prefix lists and IPv6 are left out with a warning. Route tables are AWS's default ones.
//   - A default security group is the one that waxseal made with the VPC.
package terraform
