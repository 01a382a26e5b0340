package config

import (
	"fmt"
	"net"
	"net/url"
)

// distrust refuses what only the user may decide. A project file comes with a
// clone; it must not be able to open corsdash to others, to switch off checks
// or redaction, or to write where it likes.
func (c *Config) distrust(path string, l layer) error {
	var faults Faults
	refuse := func(key string) {
		faults = append(faults, faultf(l.from[key], key, "a project file cannot set %s, because anybody could have written it; set it in %s, as a flag, or pass --config %s",
			key, "the user file", ProjectFile))
	}
	for _, s := range settings {
		if _, set := l.values[s.key]; set && s.userOnly() {
			refuse(s.key)
		}
	}
	routes, _ := l.values["route"].([]Route)
	for i, r := range routes {
		if r.Insecure {
			refuse(fmt.Sprintf("route[%d].insecure", i))
		}
		c.noticeRemote(path, r.Target)
	}
	if target, ok := l.values["target"].(string); ok {
		c.noticeRemote(path, target)
	}
	if listen, ok := l.values["listen"].(string); ok && !listensLocally(listen) {
		faults = append(faults, faultf(l.from["listen"], "listen", "a project file cannot open corsdash to other machines; pass --listen %s to do it yourself", listen))
	}
	if len(faults) == 0 {
		return nil
	}
	return faults
}

// listensLocally is true for what cannot be read; check says why later.
func listensLocally(listen string) bool {
	address, err := ParseListen(listen)
	if err != nil {
		return true
	}
	host, _, err := net.SplitHostPort(address)
	return err != nil || Loopback(host)
}

// noticeRemote says when a project sends requests, and with them the cookies
// of localhost, to another machine.
func (c *Config) noticeRemote(path, target string) {
	server, err := ParseUpstream(target)
	if err != nil {
		return
	}
	if u, err := url.Parse(server); err == nil && !Loopback(u.Hostname()) {
		c.notices = append(c.notices, fmt.Sprintf("%s sends requests to %s, which is not this machine", path, server))
	}
}
