package ec2

import (
	"github.com/waxseal/waxseal/internal/store"
)

// hostnamesByIP names instances after their private addresses.
const hostnamesByIP = "ip-name"

// subnetFamily is subnets as far as VPCs are concerned.
func (s *Service) subnetFamily() family {
	return family{blocks: func(r store.Reader, v *vpc) bool {
		for sn := range s.subnets.all(r, v.place()) {
			if sn.Vpc == v.ID {
				return true
			}
		}
		return false
	}}
}
