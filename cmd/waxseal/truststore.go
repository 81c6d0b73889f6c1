package main

import (
	"crypto/sha1"
	"crypto/x509"
	"encoding/binary"
	"encoding/pem"
	"path/filepath"
	"strconv"
	"strings"
	"unicode/utf16"
)

// javaOptions is the variable whose options every Java program reads. It names
// a trust store, because Java cannot read CAs from a PEM file.
const javaOptions = "JAVA_TOOL_OPTIONS"

// trustStorePassword is the password with which Java checks the integrity of a
// trust store. The content is not secret, so it is the well-known password of
// Java's own trust store.
const trustStorePassword = "changeit"

// trustJava makes Java programs trust the CAs of a bundle.
func (b *sandbox) trustJava(bundle []byte) error {
	const name = "truststore.jks"
	if err := b.write(name, trustStore(certificatesOf(bundle))); err != nil {
		return err
	}
	options := []string{
		"-Djavax.net.ssl.trustStore=" + filepath.Join(b.dir, name),
		"-Djavax.net.ssl.trustStorePassword=" + trustStorePassword,
		"-Djavax.net.ssl.trustStoreType=JKS",
	}
	for i, option := range options {
		if strings.ContainsAny(option, " \t") { // of a folder's name
			options[i] = `"` + option + `"`
		}
	}
	// Where an option is given twice, Java uses the last.
	b.set(javaOptions, strings.TrimSpace(b.env[javaOptions]+" "+strings.Join(options, " ")))
	return nil
}

// certificatesOf are the certificates of a bundle in PEM. Whatever cannot be
// parsed is left out: because of one bad certificate Java would refuse all.
func certificatesOf(bundle []byte) (certificates [][]byte) {
	for {
		var block *pem.Block
		if block, bundle = pem.Decode(bundle); block == nil {
			return certificates
		}
		if _, err := x509.ParseCertificate(block.Bytes); block.Type == "CERTIFICATE" && err == nil {
			certificates = append(certificates, block.Bytes)
		}
	}
}

// The parts of a trust store in the form JKS, which is so simple that no library
// is needed for it, and which every Java since the first with TLS reads.
const (
	jksMagic   = 0xfeedfeed
	jksVersion = 2
	jksTrusted = 2 // the tag of a certificate that is trusted
	jksSalt    = "Mighty Aphrodite"
)

// trustStore is a trust store with certificates in DER.
func trustStore(certificates [][]byte) []byte {
	order := binary.BigEndian
	text := func(b []byte, s string) []byte { return append(order.AppendUint16(b, uint16(len(s))), s...) }
	b := order.AppendUint32(nil, jksMagic)
	b = order.AppendUint32(b, jksVersion)
	b = order.AppendUint32(b, uint32(len(certificates)))
	for i, der := range certificates {
		b = order.AppendUint32(b, jksTrusted)
		b = text(b, "ca-"+strconv.Itoa(i))
		b = order.AppendUint64(b, 0) // when it was added, which is never read
		b = text(b, "X.509")
		b = order.AppendUint32(b, uint32(len(der)))
		b = append(b, der...)
	}
	digest := sha1.New()
	for _, unit := range utf16.Encode([]rune(trustStorePassword)) {
		digest.Write(order.AppendUint16(nil, unit))
	}
	digest.Write([]byte(jksSalt))
	digest.Write(b)
	return digest.Sum(b)
}
