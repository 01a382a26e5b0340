package cli

import (
	"errors"
	"net"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"

	"corsdash/internal/config"
	"corsdash/internal/discover"
	"corsdash/proxy"
)

// noLoop refuses a server that is corsdash itself.
func noLoop(c *config.Config) error {
	for _, r := range c.Table() {
		if isSelf(c.Listen, r.Target) {
			return usagef("%s is where corsdash itself listens; name the server behind it, or listen elsewhere with --listen", r.Target)
		}
	}
	return nil
}

// isSelf compares ports and the ways to say "this machine". Names that only
// a resolver knows are left to the proxy, which compares addresses.
func isSelf(listen, target string) bool {
	host, port, err := net.SplitHostPort(listen)
	u, uerr := url.Parse(target)
	if err != nil || uerr != nil || port == "0" || portOf(u) != port {
		return false
	}
	return (config.Loopback(host) || isUnspecified(host)) && config.Loopback(u.Hostname()) || strings.EqualFold(host, u.Hostname())
}

// isUnspecified reports whether listening at host means all of the machine's
// addresses.
func isUnspecified(host string) bool {
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsUnspecified()
}

func hostOf(hostport string) string {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		return hostport
	}
	return host
}

func portOf(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case u.Scheme == "https":
		return "443"
	}
	return "80"
}

// listenError says who holds the port and which command would work.
func (a *app) listenError(c *config.Config, err error) error {
	var taken *proxy.PortInUse
	if !errors.As(err, &taken) {
		return networkf("cannot listen on %s: %v; choose another place with --listen", c.Listen, cause(err))
	}
	_, port, _ := net.SplitHostPort(taken.Addr)
	by := ""
	if n, err := strconv.Atoi(port); err == nil {
		if holder := discover.Holder(n); holder != "" {
			by = " by " + holder
		}
	}
	if taken.Next == "" {
		return networkf("port %s is in use%s; choose another with --listen", port, by)
	}
	return networkf("port %s is in use%s; this one is free: %s", port, by, a.commandListening(c, strings.TrimPrefix(taken.Next, "127.0.0.1:")))
}

// cause digs the system's own word out of what net wraps around it.
func cause(err error) error {
	var op *net.OpError
	if errors.As(err, &op) {
		err = op.Err
	}
	var call *os.SyscallError
	if errors.As(err, &call) {
		err = call.Err
	}
	return err
}

// commandListening is the command line as it was given, but listening at addr,
// which is a port or host:port.
func (a *app) commandListening(c *config.Config, addr string) string {
	args := slices.Clone(a.args)
	changed := false
	for i, arg := range args {
		for _, prefix := range []string{"", "--listen="} {
			given, ok := strings.CutPrefix(arg, prefix)
			if at, err := config.ParseListen(given); ok && err == nil && at == c.Listen && !changed && c.Source("listen") == "--listen" {
				args[i], changed = prefix+addr, true
			}
		}
	}
	if !changed {
		args = append([]string{"--listen", addr}, args...)
	}
	words := []string{"corsdash"}
	for _, arg := range args {
		words = append(words, shellQuoted(arg))
	}
	return strings.Join(words, " ")
}

// shellQuoted quotes a word for a POSIX shell, if it needs it.
func shellQuoted(word string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_=:/.,@%+", r)
	}
	if word != "" && strings.TrimFunc(word, plain) == "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
