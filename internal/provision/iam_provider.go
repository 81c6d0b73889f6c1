package provision

import (
	"context"

	"github.com/waxseal/waxseal/internal/template"
)

// providerHandlers are those of identity providers, server certificates and virtual MFA
// devices.
var providerHandlers = map[string]Handler{
	"AWS::IAM::OIDCProvider":      {createOIDCProvider, updateOIDCProvider, deleteOIDCProvider},
	"AWS::IAM::SAMLProvider":      {createSAMLProvider, updateSAMLProvider, deleteSAMLProvider},
	"AWS::IAM::ServerCertificate": {createServerCertificate, updateServerCertificate, deleteServerCertificate},
	"AWS::IAM::VirtualMFADevice":  {createDevice, updateDevice, deleteDevice},
}

const (
	maxProviderName    = 128
	maxCertificateName = 128
)

func (j *Job) oidc(others map[string]any) map[string]any {
	return with(others, "OpenIDConnectProviderArn", j.PhysicalID)
}

// createOIDCProvider makes a provider of OpenID Connect [C226].
func createOIDCProvider(ctx context.Context, j *Job) error {
	made, err := j.Call(ctx, "iam", "CreateOpenIDConnectProvider", j.arguments(
		map[string]any{"Tags": tagList(j.Tags, "Key", "Value")}, "Url", "ClientIDList=ClientIdList", "ThumbprintList"))
	if err != nil {
		return err
	}
	j.PhysicalID = text(made, "OpenIDConnectProviderArn")
	j.set("Arn", template.Text(j.PhysicalID))
	return nil
}

func updateOIDCProvider(ctx context.Context, j *Job) error {
	added, removed := differences(j.Before.Get("ClientIdList").Strings(), j.Properties.Get("ClientIdList").Strings())
	client := func(operation string) func(string) error {
		return func(id string) error { return j.do(ctx, "iam", operation, j.oidc(map[string]any{"ClientID": id})) }
	}
	return first(
		func() error {
			if !j.changed("ThumbprintList") {
				return nil
			}
			return j.do(ctx, "iam", "UpdateOpenIDConnectProviderThumbprint", j.oidc(map[string]any{
				"ThumbprintList": append([]string{}, j.Properties.Get("ThumbprintList").Strings()...),
			}))
		},
		func() error { return each(removed, client("RemoveClientIDFromOpenIDConnectProvider")) },
		func() error { return each(added, client("AddClientIDToOpenIDConnectProvider")) },
		func() error { return j.setTags(ctx, "OpenIDConnectProvider", j.oidc(nil)) },
	)
}

func deleteOIDCProvider(ctx context.Context, j *Job) error {
	return gone(j.do(ctx, "iam", "DeleteOpenIDConnectProvider", j.oidc(nil)))
}

func (j *Job) saml() map[string]any { return map[string]any{"SAMLProviderArn": j.PhysicalID} }

const samlDocument = "SAMLMetadataDocument=SamlMetadataDocument"

// unsupportedSAML are the properties of a provider that has keys already: nothing can be
// removed from a new one, and IAM takes no list of keys.
var unsupportedSAML = []string{"PrivateKeyList", "RemovePrivateKey"}

func createSAMLProvider(ctx context.Context, j *Job) error {
	if err := j.unsupported(unsupportedSAML...); err != nil {
		return err
	}
	made, err := j.Call(ctx, "iam", "CreateSAMLProvider", j.arguments(map[string]any{
		"Name": j.named("Name", maxProviderName), "Tags": tagList(j.Tags, "Key", "Value"),
	}, samlDocument, "AssertionEncryptionMode", "AddPrivateKey"))
	if err != nil {
		return err
	}
	j.PhysicalID = text(made, "SAMLProviderArn")
	j.set("Arn", template.Text(j.PhysicalID))
	shown, err := j.Call(ctx, "iam", "GetSAMLProvider", j.saml())
	if err != nil {
		return err
	}
	j.set("SamlProviderUUID", template.Text(text(shown, "SAMLProviderUUID")))
	return nil
}

func updateSAMLProvider(ctx context.Context, j *Job) error {
	if err := j.unsupported(unsupportedSAML...); err != nil {
		return err
	}
	if j.changed("SamlMetadataDocument", "AssertionEncryptionMode") {
		if err := j.do(ctx, "iam", "UpdateSAMLProvider", j.arguments(j.saml(), samlDocument, "AssertionEncryptionMode")); err != nil {
			return err
		}
	}
	return j.setTags(ctx, "SAMLProvider", j.saml())
}

func deleteSAMLProvider(ctx context.Context, j *Job) error {
	return gone(j.do(ctx, "iam", "DeleteSAMLProvider", j.saml()))
}

func (j *Job) certificate() map[string]any {
	return map[string]any{"ServerCertificateName": j.PhysicalID}
}

func createServerCertificate(ctx context.Context, j *Job) error {
	name := j.named("ServerCertificateName", maxCertificateName)
	made, err := j.Call(ctx, "iam", "UploadServerCertificate", j.arguments(map[string]any{
		"ServerCertificateName": name, "Tags": tagList(j.Tags, "Key", "Value"),
	}, "Path", "CertificateBody", "CertificateChain", "PrivateKey"))
	if err != nil {
		return err
	}
	j.PhysicalID = name
	j.set("Arn", template.Text(text(made, "ServerCertificateMetadata", "Arn")))
	return nil
}

func updateServerCertificate(ctx context.Context, j *Job) error {
	if j.changed("Path") {
		in := j.certificate()
		in["NewPath"] = "/"
		if err := j.do(ctx, "iam", "UpdateServerCertificate", j.arguments(in, "NewPath=Path")); err != nil {
			return err
		}
		shown, err := j.Call(ctx, "iam", "GetServerCertificate", j.certificate())
		if err != nil {
			return err
		}
		j.set("Arn", template.Text(text(shown, "ServerCertificate", "ServerCertificateMetadata", "Arn")))
	}
	return j.setTags(ctx, "ServerCertificate", j.certificate())
}

func deleteServerCertificate(ctx context.Context, j *Job) error {
	return gone(j.do(ctx, "iam", "DeleteServerCertificate", j.certificate()))
}

func (j *Job) device() map[string]any { return map[string]any{"SerialNumber": j.PhysicalID} }

// nobodysDevice refuses a device of users: it takes two codes of the device's own to
// enable it, which are not made here.
func (j *Job) nobodysDevice() error {
	if len(j.Properties.Get("Users").Strings()) == 0 {
		return nil
	}
	return failf(invalidRequest, "Users of a virtual MFA device are not emulated in templates: have EnableMFADevice enable it.")
}

// maxDeviceName is how long the name of a device is at most.
const maxDeviceName = 226

func createDevice(ctx context.Context, j *Job) error {
	if err := j.nobodysDevice(); err != nil {
		return err
	}
	made, err := j.Call(ctx, "iam", "CreateVirtualMFADevice", j.arguments(map[string]any{
		"VirtualMFADeviceName": j.named("VirtualMfaDeviceName", maxDeviceName), "Tags": tagList(j.Tags, "Key", "Value"),
	}, "Path"))
	if err != nil {
		return err
	}
	j.PhysicalID = text(made, "VirtualMFADevice", "SerialNumber")
	j.set("SerialNumber", template.Text(j.PhysicalID))
	return nil
}

func updateDevice(ctx context.Context, j *Job) error {
	if err := j.nobodysDevice(); err != nil {
		return err
	}
	return j.setTags(ctx, "MFADevice", j.device())
}

func deleteDevice(ctx context.Context, j *Job) error {
	return gone(j.do(ctx, "iam", "DeleteVirtualMFADevice", j.device()))
}
