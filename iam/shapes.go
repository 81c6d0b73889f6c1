package iam

import (
	"fmt"
	"time"

	"github.com/waxseal/waxseal/internal/identity"
)

// Tag is a key and its value.
type Tag struct {
	Key   string `check:"required,min=1,max=128" pattern:"[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+"`
	Value string `check:"required,max=256" pattern:"[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*" out:"always"`
}

// AttachedPermissionsBoundary is a permissions boundary.
type AttachedPermissionsBoundary struct {
	PermissionsBoundaryArn  string
	PermissionsBoundaryType string
}

// User is an IAM user.
type User struct {
	Arn                 string
	CreateDate          time.Time
	Path                string
	UserId              string
	UserName            string
	PasswordLastUsed    time.Time
	PermissionsBoundary *AttachedPermissionsBoundary
	Tags                []Tag
}

// Role is an IAM role.
type Role struct {
	Arn                      string
	CreateDate               time.Time
	Path                     string
	RoleId                   string
	RoleName                 string
	AssumeRolePolicyDocument string
	Description              string
	MaxSessionDuration       *int
	PermissionsBoundary      *AttachedPermissionsBoundary
	RoleLastUsed             *RoleLastUsed
	Tags                     []Tag
}

// RoleLastUsed says when a role was last used; empty where it never was.
type RoleLastUsed struct {
	LastUsedDate time.Time
	Region       string
}

// AccessKey is a new access key with its secret, which is shown only once.
type AccessKey struct {
	AccessKeyId     string
	SecretAccessKey string `sensitive:"true" trail:"omit"`
	Status          string
	UserName        string
	CreateDate      time.Time
}

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

// roleShape is a role as lists show it: without tags, boundary and last use (I003).
func roleShape(r *identity.Role) Role {
	return Role{
		Arn: r.ARN(), CreateDate: seconds(r.Created), Path: r.Path, RoleId: r.ID, RoleName: r.Name,
		AssumeRolePolicyDocument: escape(r.Trust), Description: r.Description, MaxSessionDuration: &r.MaxSession,
	}
}

// newRole is a role as CreateRole shows it: the longest session is not told (I003).
func newRole(r *identity.Role) *Role {
	shape := roleShape(r)
	shape.MaxSessionDuration = nil
	shape.Tags, shape.PermissionsBoundary = tagShapes(r.Tags), boundaryShape(r.Boundary)
	return &shape
}

// fullRole is a role as GetRole shows it.
func fullRole(r *identity.Role) *Role {
	shape := roleShape(r)
	shape.Tags, shape.PermissionsBoundary = tagShapes(r.Tags), boundaryShape(r.Boundary)
	shape.RoleLastUsed = &RoleLastUsed{LastUsedDate: seconds(r.LastUsed.Time), Region: r.LastUsed.Region}
	return &shape
}

// seconds is t as IAM shows times: to the second.
func seconds(t time.Time) time.Time { return t.Truncate(time.Second) }

// tagShapes is nil where there are no tags, for IAM leaves out empty ones.
func tagShapes(tags []identity.Tag) []Tag {
	var shapes []Tag
	for _, t := range tags {
		shapes = append(shapes, Tag(t))
	}
	return shapes
}

func tagRecords(tags []Tag) []identity.Tag {
	records := make([]identity.Tag, len(tags))
	for i, t := range tags {
		records[i] = identity.Tag(t)
	}
	return records
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
