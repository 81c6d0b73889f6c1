package kms

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"os/exec"
	"strings"
	"testing"

	"github.com/waxseal/waxseal/internal/testsize"
)

// python is a process that does tasks with Python's cryptography.
type python struct {
	t   testing.TB
	in  io.Writer
	out *bufio.Scanner
}

// startPython skips the test where Python or its cryptography is missing.
func startPython(t *testing.T) *python {
	t.Helper()
	if out, err := exec.Command("python3", "-c", "import cryptography.hazmat.primitives.keywrap").CombinedOutput(); err != nil {
		t.Skipf("needs python3 with the package cryptography: %v %s", err, out)
	}
	command := exec.Command("python3", "testdata/peer.py")
	in, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	command.Stderr = t.Output()
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		if err := command.Wait(); err != nil {
			t.Errorf("python: %v", err)
		}
	})
	scanner := bufio.NewScanner(out)
	scanner.Buffer(nil, 1<<20)
	return &python{t, in, scanner}
}

// task is what to do; byte slices travel in base64.
type task struct {
	Task      string `json:"task"`
	Algorithm string `json:"algorithm,omitempty"`
	Spec      string `json:"spec,omitempty"`
	Public    []byte `json:"public,omitempty"`
	Private   []byte `json:"private,omitempty"`
	Message   []byte `json:"message,omitempty"`
	Signature []byte `json:"signature,omitempty"`
	Wrapping  []byte `json:"wrapping,omitempty"`
	Material  []byte `json:"material,omitempty"`
}

type result struct {
	Error      string `json:"error"`
	Public     []byte `json:"public"`
	Signature  []byte `json:"signature"`
	Wrapped    []byte `json:"wrapped"`
	Ciphertext []byte `json:"ciphertext"`
	Secret     []byte `json:"secret"`
	Mac        []byte `json:"mac"`
}

func (p *python) do(t *testing.T, what task) result {
	t.Helper()
	if err := json.NewEncoder(p.in).Encode(what); err != nil {
		t.Fatal(err)
	}
	if !p.out.Scan() {
		t.Fatalf("python has gone: %v", p.out.Err())
	}
	var r result
	if err := json.Unmarshal(p.out.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	return r
}

// must is do for tasks that have to succeed. What this Python's OpenSSL cannot do is skipped.
func (p *python) must(t *testing.T, what task) result {
	t.Helper()
	r := p.do(t, what)
	if strings.HasPrefix(r.Error, "UnsupportedAlgorithm") {
		t.Skipf("this python cannot: %s", r.Error)
	}
	if r.Error != "" {
		t.Fatalf("%s %s%s: %s", what.Task, what.Algorithm, what.Spec, r.Error)
	}
	return r
}

// allSigning also has the specs that take long to make.
func allSigning() []string {
	if !testsize.Full() {
		return signingSpecs
	}
	return append([]string{SpecRSA3072, SpecRSA4096}, signingSpecs...)
}

func TestPythonVerifiesSignatures(t *testing.T) {
	p, w := startPython(t), newTestbed(t)
	text := []byte("the letter is unread")
	for _, spec := range allSigning() {
		k := w.newKey(CreateKeyInput{KeySpec: spec, KeyUsage: UsageSignVerify})
		public := must[GetPublicKeyOutput](t)(w.GetPublicKey(home(), &GetPublicKeyInput{KeyId: k.KeyId})).PublicKey
		for _, algorithm := range k.SigningAlgorithms {
			if algorithm == algorithmEd25519ph {
				continue // Python has none; TestSignVerify compares with Go's own
			}
			t.Run(spec+" "+algorithm, func(t *testing.T) {
				s := must[SignOutput](t)(w.Sign(home(), &SignInput{KeyId: k.KeyId, Message: text, SigningAlgorithm: algorithm}))
				p.must(t, task{Task: "verify", Algorithm: algorithm, Public: public, Message: text, Signature: s.Signature})
				s.Signature[len(s.Signature)/2] ^= 1
				if r := p.do(t, task{Task: "verify", Algorithm: algorithm, Public: public, Message: text, Signature: s.Signature}); r.Error == "" {
					t.Error("python takes a forged signature")
				}
			})
		}
	}
}

func TestPythonEncryptsForRSA(t *testing.T) {
	p, w := startPython(t), newTestbed(t)
	k := w.newKey(CreateKeyInput{KeySpec: SpecRSA2048, KeyUsage: UsageEncryptDecrypt})
	public := must[GetPublicKeyOutput](t)(w.GetPublicKey(home(), &GetPublicKeyInput{KeyId: k.KeyId})).PublicKey
	for _, algorithm := range k.EncryptionAlgorithms {
		t.Run("K064 "+algorithm, func(t *testing.T) {
			r := p.must(t, task{Task: "encrypt", Algorithm: algorithm, Public: public, Message: []byte("from outside")})
			d := must[DecryptOutput](t)(w.Decrypt(home(), &DecryptInput{KeyId: k.KeyId, CiphertextBlob: r.Ciphertext, EncryptionAlgorithm: algorithm}))
			if string(d.Plaintext) != "from outside" {
				t.Errorf("plaintext is %q", d.Plaintext)
			}
		})
	}
}

func TestPythonAgreesOnSecrets(t *testing.T) {
	p, w := startPython(t), newTestbed(t)
	for _, spec := range []string{SpecP256, SpecP384, SpecP521} {
		t.Run("K082 "+spec, func(t *testing.T) {
			k := w.newKey(CreateKeyInput{KeySpec: spec, KeyUsage: UsageKeyAgreement})
			public := must[GetPublicKeyOutput](t)(w.GetPublicKey(home(), &GetPublicKeyInput{KeyId: k.KeyId})).PublicKey
			r := p.must(t, task{Task: "agree", Public: public})
			d := must[DeriveSharedSecretOutput](t)(w.DeriveSharedSecret(home(), &DeriveSharedSecretInput{
				KeyId: k.KeyId, KeyAgreementAlgorithm: AlgorithmECDH, PublicKey: r.Public,
			}))
			if !bytes.Equal(d.SharedSecret, r.Secret) {
				t.Error("the secrets differ")
			}
		})
	}
}

func TestPythonEncapsulates(t *testing.T) {
	p, w := startPython(t), newTestbed(t)
	for _, spec := range []string{SpecMLKEM768, SpecMLKEM1024} { // Python has no ML-KEM-512
		t.Run(spec, func(t *testing.T) {
			k := w.newKey(CreateKeyInput{KeySpec: spec, KeyUsage: UsageEncapsulate})
			public := must[GetPublicKeyOutput](t)(w.GetPublicKey(home(), &GetPublicKeyInput{KeyId: k.KeyId})).PublicKey
			r := p.must(t, task{Task: "encapsulate", Public: public})
			d := must[DecapsulateOutput](t)(w.Decapsulate(home(), &DecapsulateInput{
				KeyId: k.KeyId, EncapsulationAlgorithm: AlgorithmMLKEM, SharedSecretCiphertextBlob: r.Ciphertext,
			}))
			if !bytes.Equal(d.SharedSecret, r.Secret) {
				t.Error("the secrets differ")
			}
		})
	}
}

func TestPythonReadsDataKeyPairs(t *testing.T) {
	p, w := startPython(t), newTestbed(t)
	k := w.newKey(CreateKeyInput{})
	for _, spec := range []string{SpecRSA2048, SpecP256, SpecP384, SpecP521, SpecSecp256k1, SpecEd25519, SpecMLKEM768, SpecMLKEM1024} {
		t.Run(spec, func(t *testing.T) {
			pair := must[GenerateDataKeyPairOutput](t)(w.GenerateDataKeyPair(home(), &GenerateDataKeyPairInput{KeyId: k.KeyId, KeyPairSpec: spec}))
			r := p.must(t, task{Task: "sign", Private: pair.PrivateKeyPlaintext, Message: []byte("m")})
			if !bytes.Equal(r.Public, pair.PublicKey) {
				t.Error("python derives another public key")
			}
			text, err := w.decrypt(home(), pair.PrivateKeyCiphertextBlob) // [K069]
			if err != nil || text != string(pair.PrivateKeyPlaintext) {
				t.Errorf("the ciphertext does not decrypt to the private key: %v", err)
			}
		})
	}
}

func TestPythonMaterialIsImported(t *testing.T) {
	p, w := startPython(t), newTestbed(t)
	text := []byte("signed with a key that was made elsewhere")
	for _, c := range []struct {
		spec, usage, algorithm, wrapping string
	}{ // [K087] [K092]
		{SpecRSA2048, UsageSignVerify, "RSA_AES_KEY_WRAP_SHA_256", SpecRSA2048},
		{SpecRSA2048, UsageSignVerify, "RSA_AES_KEY_WRAP_SHA_1", SpecRSA3072},
		{SpecP256, UsageSignVerify, AlgorithmOAEPSHA256, SpecRSA2048},
		{SpecP384, UsageSignVerify, AlgorithmOAEPSHA1, SpecRSA4096},
		{SpecP521, UsageSignVerify, "RSA_AES_KEY_WRAP_SHA_256", SpecRSA2048},
		{SpecEd25519, UsageSignVerify, AlgorithmOAEPSHA256, SpecRSA2048},
		{SpecSecp256k1, UsageSignVerify, AlgorithmOAEPSHA256, SpecRSA2048},
	} {
		if !testsize.Full() {
			c.wrapping = SpecRSA2048 // the others take long to make
		}
		t.Run(c.spec+" "+c.algorithm+" "+c.wrapping, func(t *testing.T) {
			k := w.newKey(CreateKeyInput{KeySpec: c.spec, KeyUsage: c.usage, Origin: OriginExternal})
			r := p.importInto(t, w, k, task{Algorithm: c.algorithm, Spec: c.spec}, c.wrapping)
			public := must[GetPublicKeyOutput](t)(w.GetPublicKey(home(), &GetPublicKeyInput{KeyId: k.KeyId}))
			if !bytes.Equal(public.PublicKey, r.Public) {
				t.Fatal("the public key is not the imported one's")
			}
			s := must[SignOutput](t)(w.Sign(home(), &SignInput{KeyId: k.KeyId, Message: text, SigningAlgorithm: public.SigningAlgorithms[0]}))
			p.must(t, task{Task: "verify", Algorithm: s.SigningAlgorithm, Public: r.Public, Message: text, Signature: s.Signature})
		})
	}
}

// importInto imports material that Python wraps.
func (p *python) importInto(t *testing.T, w *testbed, k *KeyMetadata, what task, wrapping string) result {
	t.Helper()
	parameters := must[GetParametersForImportOutput](t)(w.GetParametersForImport(home(), &GetParametersForImportInput{
		KeyId: k.KeyId, WrappingAlgorithm: what.Algorithm, WrappingKeySpec: wrapping,
	}))
	what.Task, what.Wrapping = "wrap", parameters.PublicKey
	r := p.must(t, what)
	ok[ImportKeyMaterialOutput](t)(w.ImportKeyMaterial(home(), &ImportKeyMaterialInput{
		KeyId: k.KeyId, ImportToken: parameters.ImportToken, EncryptedKeyMaterial: r.Wrapped, ExpirationModel: ExpirationNever,
	}))
	return r
}

func TestPythonComputesTheSameMac(t *testing.T) {
	p, w := startPython(t), newTestbed(t)
	for _, spec := range []string{SpecHMAC224, SpecHMAC256, SpecHMAC384, SpecHMAC512} {
		t.Run("K092 "+spec, func(t *testing.T) {
			k := w.newKey(CreateKeyInput{KeySpec: spec, KeyUsage: UsageGenerateVerifyMac, Origin: OriginExternal})
			material := randomBytes(specs[spec].size)
			p.importInto(t, w, k, task{Algorithm: AlgorithmOAEPSHA256, Material: material}, SpecRSA2048)
			algorithm := k.MacAlgorithms[0]
			r := p.must(t, task{Task: "mac", Algorithm: algorithm, Material: material, Message: []byte("m")})
			ok[VerifyMacOutput](t)(w.VerifyMac(home(), &VerifyMacInput{KeyId: k.KeyId, MacAlgorithm: algorithm, Message: []byte("m"), Mac: r.Mac}))
			m := must[GenerateMacOutput](t)(w.GenerateMac(home(), &GenerateMacInput{KeyId: k.KeyId, MacAlgorithm: algorithm, Message: []byte("m")}))
			if !bytes.Equal(m.Mac, r.Mac) {
				t.Error("the MACs differ")
			}
		})
	}
}
