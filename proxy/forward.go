package proxy

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"

	"corsdash/internal/exchange"
	"corsdash/internal/wire"
)

// handle takes one request from its head to its record.
func (p *Proxy) handle(f *flight) {
	defer f.finish()
	s := p.state.Load()
	if !s.allowsHost(f.in.host) {
		f.refuse(http.StatusForbidden, exchange.BadHost, fmt.Sprintf(
			"Host %q is not allowed here: start corsdash with --allow-host to accept it", hostOnly(string(f.in.host))))
		return
	}
	f.route = s.route(f.in.target)
	if f.route == nil {
		f.refuse(http.StatusBadGateway, exchange.NoRoute, "no route takes this path: add --route or --target")
		return
	}
	f.mu.Lock()
	f.draft.Upstream(f.route.origin)
	f.mu.Unlock()
	if f.route.tls && !f.wantsUpgrade() {
		f.viaTransport(s)
		return
	}
	f.viaConn(s)
}

// allowsHost keeps pages of other sites out that point their own name at this
// machine (DNS rebinding). Addresses cannot be rebound.
func (s *settings) allowsHost(host []byte) bool {
	name, port := splitAuthority(strings.ToLower(string(host)))
	if strings.Trim(port, "0123456789") != "" {
		return false // what this means is anybody's guess
	}
	return name == "" || isLoopback(name) || s.allowHosts[name] || net.ParseIP(name) != nil
}

// splitAuthority takes the brackets off a host, and the port from it.
func splitAuthority(authority string) (host, port string) {
	if host, port, err := net.SplitHostPort(authority); err == nil {
		return host, port
	}
	return strings.TrimSuffix(strings.TrimPrefix(authority, "["), "]"), ""
}

func hostOnly(authority string) string {
	host, _ := splitAuthority(authority)
	return host
}

// failUpstream answers for an upstream that did not.
func (f *flight) failUpstream(err error) {
	if f.clientLeft() {
		f.gone("before the answer")
		return
	}
	err = f.because(err)
	if bad := (badBody{}); errors.As(err, &bad) {
		f.refuse(http.StatusBadRequest, exchange.BadRequest, "the request's body is broken: "+bad.Error())
		return
	}
	class, detail := classify(err)
	status := http.StatusBadGateway
	switch class {
	case exchange.Timeout:
		status = http.StatusGatewayTimeout
	case exchange.Loop:
		status = http.StatusLoopDetected
	}
	f.refuse(status, class, f.route.origin+" "+detail)
}

// classify names a failure to get an answer. The sentence it returns follows
// the upstream's name.
func classify(err error) (exchange.Class, string) {
	var dns *net.DNSError
	said := oneLine(err)
	switch {
	case errors.Is(err, errLoop):
		return exchange.Loop, "is the address corsdash listens on: name the backend's own port"
	case errors.As(err, &dns):
		return exchange.DNS, fmt.Sprintf("cannot be reached: the name %s does not resolve (%s)", dns.Name, dns.Err)
	case isTimeout(err), errors.Is(err, os.ErrDeadlineExceeded):
		return exchange.Timeout, "did not answer in time (" + said + ")"
	case isTLSError(err):
		return exchange.TLS, "cannot be reached: " + said
	case errors.Is(err, syscall.ECONNREFUSED):
		return exchange.Refused, "cannot be reached: nothing listens there (" + said + ")"
	case isGarbage(err):
		return exchange.Garbage, "sent something that is not HTTP: " + said
	case isReset(err), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), strings.Contains(said, "stream error: "):
		return exchange.Reset, "closed the connection before it answered (" + said + ")"
	}
	return exchange.Unreachable, "cannot be reached: " + said
}

// isGarbage knows our own errors by identity. Those of net/http have no type.
func isGarbage(err error) bool {
	if errors.Is(err, wire.ErrMalformed) || errors.Is(err, wire.ErrHeadTooLarge) || errors.Is(err, errUnasked) {
		return true
	}
	for _, s := range [...]string{"malformed HTTP", "malformed MIME", "server response headers exceeded", "unsupported transfer encoding", "too many transfer encodings", "bad Content-Length"} {
		if strings.Contains(err.Error(), s) {
			return true
		}
	}
	return false
}

func isTLSError(err error) bool {
	var (
		unknown  x509.UnknownAuthorityError
		name     x509.HostnameError
		invalid  x509.CertificateInvalidError
		verify   *tls.CertificateVerificationError
		header   tls.RecordHeaderError
		alert    tls.AlertError
		isAny    = errors.As(err, &unknown) || errors.As(err, &name) || errors.As(err, &invalid)
		isMoreOf = errors.As(err, &verify) || errors.As(err, &header) || errors.As(err, &alert)
	)
	// A server that speaks plain HTTP on the port gives an error of no type.
	return isAny || isMoreOf || strings.Contains(err.Error(), "tls: ") ||
		strings.Contains(err.Error(), "server gave HTTP response to HTTPS client")
}

func isReset(err error) bool {
	return errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}
