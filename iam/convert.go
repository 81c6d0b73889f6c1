package iam

import (
	"fmt"
	"time"

	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/store"
)

// userShape is a user as lists show it: without tags and boundary.
func userShape(u *identity.User) User {
	return User{Arn: u.ARN(), CreateDate: seconds(u.Created), Path: u.Path, UserId: u.ID, UserName: u.Name}
}

// fullUser is a user as GetUser shows it.
func fullUser(u *identity.User) *User {
	shape := userShape(u)
	shape.Tags, shape.PermissionsBoundary = tagShapes(u.Tags), boundaryShape(u.Boundary)
	return &shape
}

// roleShape is a role as lists show it: without tags, boundary and last use [I003].
func (s *Service) roleShape(r store.Reader, role *identity.Role) Role {
	return Role{
		Arn: role.ARN(), CreateDate: seconds(role.Created), Path: role.Path, RoleId: role.ID, RoleName: role.Name,
		AssumeRolePolicyDocument: escape(s.dir.ShownTrust(r, role)),
		Description:              role.Description, MaxSessionDuration: &role.MaxSession,
	}
}

// newRole is a role as CreateRole shows it: without MaxSessionDuration [I003].
func (s *Service) newRole(r store.Reader, role *identity.Role) *Role {
	shape := s.roleShape(r, role)
	shape.MaxSessionDuration = nil
	shape.Tags, shape.PermissionsBoundary = tagShapes(role.Tags), boundaryShape(role.Boundary)
	return &shape
}

// fullRole is a role as GetRole shows it.
func (s *Service) fullRole(r store.Reader, role *identity.Role) *Role {
	shape, use := s.roleShape(r, role), s.dir.LastUse(r, role.ID)
	shape.Tags, shape.PermissionsBoundary = tagShapes(role.Tags), boundaryShape(role.Boundary)
	shape.RoleLastUsed = &RoleLastUsed{LastUsedDate: seconds(use.Time), Region: use.Region}
	return &shape
}

func groupShape(g *identity.Group) *Group {
	return &Group{Arn: g.ARN(), CreateDate: seconds(g.Created), Path: g.Path, GroupId: g.ID, GroupName: g.Name}
}

// policyShape is a managed policy without its tags. used counts its uses; nil: it has none.
func policyShape(p *identity.Policy, used *usage) *Policy {
	shape := &Policy{
		Arn: p.ARN(), CreateDate: seconds(p.Created), DefaultVersionId: p.Default, Description: p.Description, IsAttachable: true,
		Path: p.Path, PolicyId: p.ID, PolicyName: p.Name, UpdateDate: seconds(p.Updated),
	}
	if used != nil {
		shape.AttachmentCount, shape.PermissionsBoundaryUsageCount = used.attached[shape.Arn], used.boundaries[shape.Arn]
	}
	return shape
}

func versionShape(p *identity.Policy, v *identity.PolicyVersion) *PolicyVersion {
	return &PolicyVersion{VersionId: v.ID, IsDefaultVersion: v.ID == p.Default, CreateDate: seconds(v.Created), Document: escape(v.Document)}
}

// seconds is t as IAM shows times: to the second.
func seconds(t time.Time) time.Time { return t.Truncate(time.Second) }

// tagShapes is nil where there are no tags, for IAM leaves out empty ones.
func tagShapes(tags []resource.Tag) []Tag {
	var shapes []Tag
	for _, t := range tags {
		shapes = append(shapes, Tag(t))
	}
	return shapes
}

func tagRecords(tags []Tag) []resource.Tag {
	return resource.TagsOf(tags, func(t Tag) resource.Tag { return resource.Tag(t) })
}

func boundaryShape(policyARN string) *AttachedPermissionsBoundary {
	if policyARN == "" {
		return nil
	}
	return &AttachedPermissionsBoundary{PermissionsBoundaryArn: policyARN, PermissionsBoundaryType: "Policy"}
}

// escape encodes a policy document as IAM answers it: percent-encoded by RFC
// 3986, a space as %20.
func escape(document string) string {
	const unreserved = "-_.~"
	out := make([]byte, 0, 2*len(document))
	for _, c := range []byte(document) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9',
			c == unreserved[0], c == unreserved[1], c == unreserved[2], c == unreserved[3]:
			out = append(out, c)
		default:
			out = fmt.Appendf(out, "%%%02X", c)
		}
	}
	return string(out)
}
