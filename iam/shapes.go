package iam

import "time"

// Tag is a key and its value.
type Tag struct {
	Key   string `check:"required,min=1,max=128" pattern:"[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+"`
	Value string `check:"required,max=256" pattern:"[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*" out:"always"`
}

// AttachedPermissionsBoundary is a permissions boundary.
type AttachedPermissionsBoundary struct {
	PermissionsBoundaryType string
	PermissionsBoundaryArn  string
}

// AttachedPolicy is a managed policy that is attached to something.
type AttachedPolicy struct {
	PolicyName string
	PolicyArn  string
}

// User is an IAM user.
type User struct {
	Path                string
	UserName            string
	UserId              string
	Arn                 string
	CreateDate          time.Time
	PasswordLastUsed    time.Time
	PermissionsBoundary *AttachedPermissionsBoundary
	Tags                []Tag
}

// Group is an IAM group.
type Group struct {
	Path       string
	GroupName  string
	GroupId    string
	Arn        string
	CreateDate time.Time
}

// Role is an IAM role.
type Role struct {
	Path                     string
	RoleName                 string
	RoleId                   string
	Arn                      string
	CreateDate               time.Time
	AssumeRolePolicyDocument string
	Description              string
	MaxSessionDuration       *int
	PermissionsBoundary      *AttachedPermissionsBoundary
	Tags                     []Tag
	RoleLastUsed             *RoleLastUsed
	// SourceRoleTemplate is absent: roles are not made from templates here.
	SourceRoleTemplate *SourceRoleTemplate
}

// SourceRoleTemplate is the template that a role was made from.
type SourceRoleTemplate struct {
	TemplateArn          string
	TemplateMinorVersion int
}

// RoleLastUsed says when a role was last used; empty where it never was.
type RoleLastUsed struct {
	LastUsedDate time.Time
	Region       string
}

// InstanceProfile is an instance profile.
type InstanceProfile struct {
	Path                string
	InstanceProfileName string
	InstanceProfileId   string
	Arn                 string
	CreateDate          time.Time
	Roles               []Role
	Tags                []Tag
}

// AccessKey is a new access key with its secret, which is shown only once.
type AccessKey struct {
	UserName        string
	AccessKeyId     string
	Status          string
	SecretAccessKey string `sensitive:"true" trail:"omit"`
	CreateDate      time.Time
}

// AccessKeyMetadata is an access key without its secret.
type AccessKeyMetadata struct {
	UserName    string
	AccessKeyId string
	Status      string
	CreateDate  time.Time
}

// AccessKeyLastUsed says when an access key was last used, and for what.
type AccessKeyLastUsed struct {
	LastUsedDate time.Time
	ServiceName  string
	Region       string
}

// Policy is a managed policy.
type Policy struct {
	PolicyName                    string
	PolicyId                      string
	Arn                           string
	Path                          string
	DefaultVersionId              string
	AttachmentCount               int
	PermissionsBoundaryUsageCount int
	IsAttachable                  bool
	Description                   string
	CreateDate                    time.Time
	UpdateDate                    time.Time
	Tags                          []Tag
}

// PolicyVersion is a version of a managed policy.
type PolicyVersion struct {
	Document         string
	VersionId        string
	IsDefaultVersion bool
	CreateDate       time.Time
}

// PolicyDetail is an inline policy with its document.
type PolicyDetail struct {
	PolicyName     string
	PolicyDocument string
}

// PolicyUser is a user that uses a managed policy.
type PolicyUser struct {
	UserName string
	UserId   string
}

// PolicyGroup is a group that uses a managed policy.
type PolicyGroup struct {
	GroupName string
	GroupId   string
}

// PolicyRole is a role that uses a managed policy.
type PolicyRole struct {
	RoleName string
	RoleId   string
}

// UserDetail is a user with all that says what it may do.
type UserDetail struct {
	Path                    string
	UserName                string
	UserId                  string
	Arn                     string
	CreateDate              time.Time
	UserPolicyList          []PolicyDetail
	GroupList               []string
	AttachedManagedPolicies []AttachedPolicy
	PermissionsBoundary     *AttachedPermissionsBoundary
	Tags                    []Tag
}

// GroupDetail is a group with all that says what it may do.
type GroupDetail struct {
	Path                    string
	GroupName               string
	GroupId                 string
	Arn                     string
	CreateDate              time.Time
	GroupPolicyList         []PolicyDetail
	AttachedManagedPolicies []AttachedPolicy
}

// RoleDetail is a role with all that says what it may do.
type RoleDetail struct {
	Path                     string
	RoleName                 string
	RoleId                   string
	Arn                      string
	CreateDate               time.Time
	AssumeRolePolicyDocument string
	InstanceProfileList      []InstanceProfile
	RolePolicyList           []PolicyDetail
	AttachedManagedPolicies  []AttachedPolicy
	PermissionsBoundary      *AttachedPermissionsBoundary
	Tags                     []Tag
	RoleLastUsed             *RoleLastUsed
}

// ManagedPolicyDetail is a managed policy with all its versions.
type ManagedPolicyDetail struct {
	PolicyName                    string
	PolicyId                      string
	Arn                           string
	Path                          string
	DefaultVersionId              string
	AttachmentCount               int
	PermissionsBoundaryUsageCount int
	IsAttachable                  bool
	Description                   string
	CreateDate                    time.Time
	UpdateDate                    time.Time
	PolicyVersionList             []PolicyVersion
}
