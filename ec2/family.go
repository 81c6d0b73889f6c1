package ec2

import "github.com/waxseal/waxseal/internal/store"

// family is how one family of resources takes part in what becomes of VPCs and
// subnets. Each function is optional.
type family struct {
	// bring makes what a new VPC brings [X035].
	bring func(tx store.Tx, v *vpc)
	// blocks reports whether something keeps a VPC from being deleted [X036].
	blocks func(r store.Reader, v *vpc) bool
	// take removes what goes with a VPC that is deleted.
	take func(tx store.Tx, v *vpc)

	// join, uses and leave are the same for subnets [X048].
	join  func(tx store.Tx, sn *subnet)
	uses  func(r store.Reader, sn *subnet) bool
	leave func(tx store.Tx, sn *subnet)
	// addresses is how many addresses of a subnet the family's interfaces have [X042].
	addresses func(r store.Reader, sn *subnet) int
}

// families are all that take part.
func (s *Service) families() []family {
	return []family{
		s.subnetFamily(),
		s.endpointFamily(),
		s.groupFamily(),
		s.aclFamily(),
		s.routeFamily(),
		s.interfaceFamily(),
	}
}

// bring makes all that a new VPC brings.
func (s *Service) bring(tx store.Tx, v *vpc) {
	for _, f := range s.families() {
		if f.bring != nil {
			f.bring(tx, v)
		}
	}
}

// blocked reports whether anything keeps a VPC from being deleted.
func (s *Service) blocked(r store.Reader, v *vpc) bool {
	for _, f := range s.families() {
		if f.blocks != nil && f.blocks(r, v) {
			return true
		}
	}
	return false
}

// take removes all that goes with a VPC.
func (s *Service) take(tx store.Tx, v *vpc) {
	for _, f := range s.families() {
		if f.take != nil {
			f.take(tx, v)
		}
	}
}

// join makes a new subnet part of what its VPC has.
func (s *Service) join(tx store.Tx, sn *subnet) {
	for _, f := range s.families() {
		if f.join != nil {
			f.join(tx, sn)
		}
	}
}

// used reports whether anything keeps a subnet from being deleted.
func (s *Service) used(r store.Reader, sn *subnet) bool {
	for _, f := range s.families() {
		if f.uses != nil && f.uses(r, sn) {
			return true
		}
	}
	return false
}

// leave removes what goes with a subnet.
func (s *Service) leave(tx store.Tx, sn *subnet) {
	for _, f := range s.families() {
		if f.leave != nil {
			f.leave(tx, sn)
		}
	}
}

// taken is how many addresses of a subnet are in use.
func (s *Service) taken(r store.Reader, sn *subnet) int {
	n := 0
	for _, f := range s.families() {
		if f.addresses != nil {
			n += f.addresses(r, sn)
		}
	}
	return n
}
