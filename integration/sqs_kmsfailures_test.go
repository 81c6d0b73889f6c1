package integration

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/waxseal/waxseal"
)

// kmsCase is an encrypted queue, its key, and a role that may use both until
// something goes wrong.
type kmsCase struct {
	t                  *testing.T
	cloud              *waxseal.Server
	root               *clients
	keyID, keyARN      string
	queue, queueARN    string
	account, principal string
	// config is how the role calls; roleOwner may change what it may do.
	config    aws.Config
	roleOwner *clients
}

// refusals say what the sending operations and ReceiveMessage answer; a
// refusal without a code is none.
type refusals struct{ send, receive refusal }

// refusal is an error in both protocols: SQS's shape and code, KMS's code and text.
type refusal struct{ shape, code, kms, text string }

func accessDenied(text string) refusal {
	return refusal{"KmsAccessDenied", "KMS.AccessDeniedException", "AccessDeniedException", text}
}

// message is what SQS makes of KMS's text [A8.1].
func (r refusal) message() string {
	return r.text + " (Service: AWSKMS; Status Code: 400; Error Code: " + r.kms + "; Request ID: ID; Proxy: null)"
}

// TestKMSFailures: what is wrong with a key becomes known to a queue's users
// when their copies of data keys run out [A6.5], in SQS's codes and KMS's words
// [A7] [A8], and leaves the queue as it was [A9]. A key that the queue is set to
// anew is asked at once.
func TestKMSFailures(t *testing.T) {
	const (
		// The reasons of [E1] [E4] and [A8.4].
		noIdentity = "because no identity-based policy allows the ACTION action"
		noResource = "because no resource-based policy allows the ACTION action"
		hidden     = "because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access"
		onThis     = "on this resource"
		byCipher   = "on the resource associated with this ciphertext"
		generate   = "kms:GenerateDataKey"
		decrypt    = "kms:Decrypt"
	)
	for _, c := range []struct {
		name    string
		partner bool
		harm    func(k *kmsCase)
		// atOnce: sends are refused within the old key's period too.
		atOnce bool
		want   func(k *kmsCase) refusals
	}{
		{
			name: "absent alias",
			harm: func(k *kmsCase) {
				_, err := k.root.kms.DeleteAlias(k.t.Context(), &kms.DeleteAliasInput{AliasName: aws.String("alias/q")})
				k.done(err)
			},
			want: func(*kmsCase) refusals {
				return refusals{send: refusal{"KmsNotFound", "KMS.NotFoundException", "NotFoundException", "Alias arn:aws:kms:us-east-1:123456789012:alias/q is not found."}}
			},
		},
		{
			name:   "absent key",
			harm:   func(k *kmsCase) { k.root.setAttribute(k.queue, "KmsMasterKeyId", "testKeyId") },
			atOnce: true,
			want: func(*kmsCase) refusals { // [A2.3] [A8.5]
				return refusals{send: refusal{"KmsNotFound", "KMS.NotFoundException", "NotFoundException", "Invalid keyId 'testKeyId'"}}
			},
		},
		{
			name: "disabled",
			harm: func(k *kmsCase) {
				_, err := k.root.kms.DisableKey(k.t.Context(), &kms.DisableKeyInput{KeyId: &k.keyID})
				k.done(err)
			},
			want: func(k *kmsCase) refusals {
				r := refusal{"KmsDisabled", "KMS.DisabledException", "DisabledException", k.keyARN + " is disabled."}
				return refusals{r, r}
			},
		},
		{
			name: "pending deletion",
			harm: func(k *kmsCase) {
				_, err := k.root.kms.ScheduleKeyDeletion(k.t.Context(), &kms.ScheduleKeyDeletionInput{KeyId: &k.keyID})
				k.done(err)
			},
			want: func(k *kmsCase) refusals {
				r := refusal{"KmsInvalidState", "KMS.InvalidStateException", "KMSInvalidStateException", k.keyARN + " is pending deletion."}
				return refusals{r, r}
			},
		},
		{
			name: "wrong usage",
			harm: func(k *kmsCase) {
				out, err := k.root.kms.CreateKey(k.t.Context(), &kms.CreateKeyInput{KeySpec: kmstypes.KeySpecEccNistP256, KeyUsage: kmstypes.KeyUsageTypeSignVerify})
				k.done(err)
				k.keyARN = *out.KeyMetadata.Arn
				k.root.setAttribute(k.queue, "KmsMasterKeyId", *out.KeyMetadata.KeyId)
			},
			atOnce: true,
			want: func(k *kmsCase) refusals { // [A2.6]
				return refusals{send: refusal{
					"KmsInvalidKeyUsage", "KMS.InvalidKeyUsageException", "InvalidKeyUsageException",
					k.keyARN + " key usage is SIGN_VERIFY which is not valid for GenerateDataKey.",
				}}
			},
		},
		{
			name: "denied by key policy",
			harm: func(k *kmsCase) { k.keyPolicy() },
			want: func(k *kmsCase) refusals {
				return refusals{accessDenied(k.says(generate, "on resource: "+k.keyARN, noResource)), accessDenied(k.says(decrypt, byCipher, hidden))}
			},
		},
		{
			name: "denied by identity",
			harm: func(k *kmsCase) {
				k.rolePolicy(statement{"Effect": "Allow", "Action": "sqs:*", "Resource": k.queueARN})
			},
			want: func(k *kmsCase) refusals {
				return refusals{accessDenied(k.says(generate, "on resource: "+k.keyARN, noIdentity)), accessDenied(k.says(decrypt, byCipher, noIdentity))}
			},
		},
		{
			name: "explicit deny in the identity's policy",
			harm: func(k *kmsCase) {
				k.rolePolicy(statement{"Effect": "Allow", "Action": []string{"sqs:*", "kms:*"}, "Resource": "*"},
					statement{"Effect": "Deny", "Action": "kms:*", "Resource": "*"})
			},
			want: func(k *kmsCase) refusals {
				const reason = "with an explicit deny in an identity-based policy"
				return refusals{accessDenied(k.says(generate, "on resource: "+k.keyARN, reason)), accessDenied(k.says(decrypt, byCipher, reason))}
			},
		},
		{
			name: "explicit deny in the key policy",
			harm: func(k *kmsCase) {
				k.keyPolicy(k.delegates(), statement{
					"Effect": "Deny", "Principal": "*", "Action": []string{generate, decrypt}, "Resource": "*",
					"Condition": statement{"StringEquals": statement{"kms:EncryptionContext:aws:sqs:arn": k.queueARN, "kms:ViaService": "sqs.us-east-1.amazonaws.com"}},
				})
			},
			want: func(k *kmsCase) refusals {
				return refusals{
					accessDenied(k.says(generate, "on resource: "+k.keyARN, "with an explicit deny in a resource-based policy")),
					accessDenied(k.says(decrypt, byCipher, hidden)),
				}
			},
		},
		{
			name: "a producer that may not decrypt",
			harm: func(k *kmsCase) {
				k.rolePolicy(statement{"Effect": "Allow", "Action": []string{"sqs:*", generate}, "Resource": "*"})
			},
			want: func(k *kmsCase) refusals { // [A4.2]
				r := accessDenied(k.says(decrypt, byCipher, noIdentity))
				return refusals{r, r}
			},
		},
		{
			name:    "another account without permission",
			partner: true,
			harm:    func(k *kmsCase) { k.keyPolicy(k.delegates()) },
			want: func(k *kmsCase) refusals { // [E4]
				return refusals{accessDenied(k.says(generate, onThis, hidden)), accessDenied(k.says(decrypt, byCipher, hidden))}
			},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := newKMSCase(t, c.partner)
			k.try("before anything is wrong", refusals{})
			c.harm(k)
			wanted := c.want(k)
			if c.atOnce {
				k.try("within the period", wanted)
			} else {
				k.try("within the period", refusals{})
			}
			stock := k.root.attribute(k.queue, "ApproximateNumberOfMessages")
			k.cloud.Advance(300 * time.Second)
			k.try("after the period", wanted)
			if got := k.root.attribute(k.queue, "ApproximateNumberOfMessages"); got != stock {
				t.Errorf("after the refusals there are %s messages, before there were %s", got, stock) // [A9.2]
			}
		})
	}
}

func newKMSCase(t *testing.T, partners bool) *kmsCase {
	cloud := start(t)
	k := &kmsCase{t: t, cloud: cloud, root: newClients(t, cloud.Config()), account: "123456789012"}
	k.keyID, k.keyARN = k.root.key()
	_, err := k.root.kms.CreateAlias(t.Context(), &kms.CreateAliasInput{AliasName: aws.String("alias/q"), TargetKeyId: &k.keyID})
	k.done(err)
	configured := "alias/q"
	owner := k.root
	if partners { // who names an alias means one of their own [A2.1]
		configured, k.account = k.keyARN, partner
		owner = newClients(t, cloud.As("arn:aws:iam::"+partner+":root"))
	}
	k.queue, k.queueARN = k.root.queue("q", map[string]string{"KmsMasterKeyId": configured, "VisibilityTimeout": "0"})
	k.roleOwner = owner
	owner.role("user")
	k.principal = "arn:aws:sts::" + k.account + ":assumed-role/user/waxseal"
	k.rolePolicy(statement{"Effect": "Allow", "Action": []string{"sqs:*", "kms:GenerateDataKey", "kms:Decrypt"}, "Resource": "*"})
	if partners {
		theirs := statement{"AWS": "arn:aws:iam::" + partner + ":root"}
		k.root.setAttribute(k.queue, "Policy", document(t, statement{
			"Effect": "Allow", "Principal": theirs, "Action": []string{"sqs:SendMessage", "sqs:ReceiveMessage"}, "Resource": k.queueARN,
		}))
		k.keyPolicy(k.delegates(), statement{"Effect": "Allow", "Principal": theirs, "Action": []string{"kms:GenerateDataKey", "kms:Decrypt"}, "Resource": "*"})
	}
	k.config = cloud.As("arn:aws:iam::" + k.account + ":role/user")
	return k
}

func (k *kmsCase) done(err error) {
	k.t.Helper()
	if err != nil {
		k.t.Fatal(err)
	}
}

// says is KMS's denial of an action to the case's role.
func (k *kmsCase) says(action, on, reason string) string {
	return "User: " + k.principal + " is not authorized to perform: " + action + " " + on + " " + strings.ReplaceAll(reason, "ACTION", action)
}

// rolePolicy replaces what the role may do.
func (k *kmsCase) rolePolicy(statements ...statement) {
	k.t.Helper()
	_, err := k.roleOwner.iam.PutRolePolicy(k.t.Context(), &iam.PutRolePolicyInput{
		RoleName: aws.String("user"), PolicyName: aws.String("use"), PolicyDocument: aws.String(document(k.t, statements...)),
	})
	k.done(err)
}

// delegates is the statement that leaves a key to the policies of its account's identities [K109].
func (k *kmsCase) delegates() statement {
	return statement{"Effect": "Allow", "Principal": statement{"AWS": "arn:aws:iam::123456789012:root"}, "Action": "kms:*", "Resource": "*"}
}

// keyPolicy replaces the key's policy. Its administration stays with the account.
func (k *kmsCase) keyPolicy(statements ...statement) {
	k.t.Helper()
	admin := k.delegates()
	admin["Action"] = []string{"kms:Put*", "kms:Describe*"}
	_, err := k.root.kms.PutKeyPolicy(k.t.Context(), &kms.PutKeyPolicyInput{KeyId: &k.keyID, Policy: aws.String(document(k.t, append(statements, admin)...))})
	k.done(err)
}

// operations are those that need the key, as the two protocols write them.
var operations = []struct {
	name string
	body func(queue string) string
	form url.Values
}{
	{
		"SendMessage", func(queue string) string { return `{"QueueUrl":"` + queue + `","MessageBody":"x"}` },
		url.Values{"MessageBody": {"x"}},
	},
	{
		"SendMessageBatch", func(queue string) string {
			return `{"QueueUrl":"` + queue + `","Entries":[{"Id":"a","MessageBody":"x"}]}`
		},
		url.Values{"SendMessageBatchRequestEntry.1.Id": {"a"}, "SendMessageBatchRequestEntry.1.MessageBody": {"x"}},
	},
	{"ReceiveMessage", func(queue string) string { return `{"QueueUrl":"` + queue + `"}` }, url.Values{}},
}

// try calls every operation as the role, in both protocols.
func (k *kmsCase) try(when string, wanted refusals) {
	k.t.Helper()
	for _, o := range operations {
		r := wanted.send
		if o.name == "ReceiveMessage" {
			r = wanted.receive
		}
		form := maps.Clone(o.form)
		form.Set("Action", o.name)
		form.Set("Version", "2012-11-05")
		form.Set("QueueUrl", k.queue)
		k.wants(o.name+" in Query "+when, k.call(form.Encode(), "application/x-www-form-urlencoded", ""), r.inQuery())
		k.wants(o.name+" in JSON "+when, k.call(o.body(k.queue), "application/x-amz-json-1.0", "AmazonSQS."+o.name), r.inJSON())
	}
}

// wireAnswer is what a client reads of a call.
type wireAnswer struct {
	status           int
	queryError, body string
}

// wants compares an answer; of a success the status alone.
func (k *kmsCase) wants(what string, got, want wireAnswer) {
	k.t.Helper()
	if got.status == http.StatusOK && want.status == http.StatusOK {
		return
	}
	if got != want {
		k.t.Errorf("%s:\n got %+v\nwant %+v", what, got, want)
	}
}

// inQuery is [A7.2].
func (r refusal) inQuery() wireAnswer {
	if r.code == "" {
		return wireAnswer{status: http.StatusOK}
	}
	return wireAnswer{http.StatusBadRequest, "", `<?xml version="1.0"?>` + "\n" + `<ErrorResponse xmlns="http://queue.amazonaws.com/doc/2012-11-05/">` +
		"<Error><Type>Sender</Type><Code>" + r.code + "</Code><Message>" + r.message() + "</Message><Detail/></Error><RequestId>ID</RequestId></ErrorResponse>"}
}

// inJSON is [A7.1].
func (r refusal) inJSON() wireAnswer {
	if r.code == "" {
		return wireAnswer{status: http.StatusOK}
	}
	return wireAnswer{http.StatusBadRequest, r.code + ";Sender", `{"__type":"com.amazonaws.sqs#` + r.shape + `","message":"` + r.message() + `"}`}
}

var uuidPattern = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}; P|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}</RequestId>`)

// call sends a request with the role's signature. In the answer, ids of requests are called ID.
func (k *kmsCase) call(body, contentType, target string) wireAnswer {
	k.t.Helper()
	r, err := http.NewRequestWithContext(k.t.Context(), http.MethodPost, *k.config.BaseEndpoint+"/", strings.NewReader(body))
	k.done(err)
	r.Header.Set("Content-Type", contentType)
	if target != "" {
		r.Header.Set("X-Amz-Target", target)
	}
	credentials, err := k.config.Credentials.Retrieve(k.t.Context())
	k.done(err)
	hash := sha256.Sum256([]byte(body))
	k.done(v4.NewSigner().SignHTTP(k.t.Context(), credentials, r, hex.EncodeToString(hash[:]), "sqs", k.config.Region, time.Now()))
	answer, err := k.config.HTTPClient.Do(r)
	k.done(err)
	defer func() { _ = answer.Body.Close() }()
	content, err := io.ReadAll(answer.Body)
	k.done(err)
	text := uuidPattern.ReplaceAllStringFunc(string(content), func(id string) string { return "ID" + id[36:] })
	return wireAnswer{answer.StatusCode, answer.Header.Get("x-amzn-query-error"), text}
}
