package resource

// Scope says of which account and region things are listed; what is empty means every one.
type Scope struct{ Account, Region string }

// Has reports whether what is of an account and region is among them. What has no region
// is of every one.
func (s Scope) Has(account, region string) bool {
	return (s.Account == "" || s.Account == account) && (s.Region == "" || region == "" || s.Region == region)
}
