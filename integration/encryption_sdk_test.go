package integration

import (
	"os/exec"
	"testing"
)

func TestAWSEncryptionSDK(t *testing.T) {
	t.Parallel()
	py := python(t)
	if out, err := exec.Command(py, "-c", "import aws_encryption_sdk").CombinedOutput(); err != nil {
		missing(t, "the AWS Encryption SDK for Python: "+string(out), err)
	}
	schemes(t, func(t *testing.T, p *process, endpoint string) {
		env := p.env("AWS_ENDPOINT_URL="+endpoint, "AWS_CA_BUNDLE="+p.caBundle())
		if out := run(t, env, py, "python/encryption_sdk.py"); out != "ok\n" {
			t.Errorf("printed %q", out)
		}
	})
}
