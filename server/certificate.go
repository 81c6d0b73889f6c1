package server

import (
	"net/http"
	"strings"
)

// snsCertificate answers the certificate that a notification's SigningCertURL
// names, as AWS does to anybody who asks.
func (s *Server) snsCertificate(w http.ResponseWriter, r *http.Request) {
	certificate, err := s.Runtime().SNS.Certificate(r.Context(), r.URL.Path)
	switch {
	case err != nil:
		s.log.Error("SNS's certificate", "cause", err)
		http.Error(w, "", http.StatusInternalServerError)
	case certificate == nil:
		http.NotFound(w, r)
	default:
		w.Header().Set("Content-Type", "application/x-pem-file")
		_, _ = w.Write(certificate)
	}
}

// isCertificate reports whether a request asks for such a certificate.
func isCertificate(r *http.Request) bool {
	return strings.HasPrefix(r.URL.Path, "/SimpleNotificationService-") && (r.Method == http.MethodGet || r.Method == http.MethodHead)
}
