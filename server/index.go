package server

import "github.com/waxseal/waxseal/internal/dispatch"

// index is how a request from outside names a service: by the prefix of its
// X-Amz-Target, its Query version, an action that it alone has in Query, or a
// resource's path.
type index struct {
	byTarget, byVersion, byAction map[string]*dispatch.Service
	byPath                        *dispatch.Service
}

func newIndex(services map[string]*dispatch.Service) *index {
	x := &index{byTarget: map[string]*dispatch.Service{}, byVersion: map[string]*dispatch.Service{}, byAction: map[string]*dispatch.Service{}}
	for _, s := range services {
		x.add(s)
	}
	return x
}

func (x *index) add(s *dispatch.Service) {
	if s.JSON != nil {
		x.byTarget[s.JSON.TargetPrefix] = s
	}
	if s.Query != nil {
		x.byVersion[s.Query.Version] = s
		for _, version := range s.Query.Earlier {
			x.byVersion[version] = s
		}
		for i := range s.Operations {
			name := s.Operations[i].Name
			if _, taken := x.byAction[name]; taken {
				x.byAction[name] = nil // two services have it: the name tells nothing
				continue
			}
			x.byAction[name] = s
		}
	}
	if s.PathMember != "" {
		x.byPath = s
	}
}
