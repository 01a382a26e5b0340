package discover

import (
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// listening lists what listens on this machine.
func listening() (addrs []netip.AddrPort) {
	for _, s := range sockets() {
		addrs = append(addrs, s.addr)
	}
	return addrs
}

func sockets() (list []socket) {
	for _, path := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		if f, err := os.Open(path); err == nil {
			list = append(list, parseSockets(f)...)
			f.Close()
		}
	}
	return list
}

// Holder says which process listens on a port, as "python3 (process 1234)". It
// is "" when that cannot be told: another user's processes hide what they
// hold.
func Holder(port int) string {
	held := map[string]bool{}
	for _, s := range sockets() {
		if int(s.addr.Port()) == port {
			held["socket:["+s.inode+"]"] = true
		}
	}
	if len(held) == 0 {
		return ""
	}
	links, _ := filepath.Glob("/proc/[0-9]*/fd/*")
	for _, link := range links {
		target, err := os.Readlink(link)
		if err != nil || !held[target] {
			continue
		}
		process := filepath.Dir(filepath.Dir(link))
		pid, _ := strconv.Atoi(filepath.Base(process))
		name, err := os.ReadFile(filepath.Join(process, "comm"))
		if err != nil || pid == 0 {
			continue
		}
		return strings.TrimSpace(string(name)) + " (process " + strconv.Itoa(pid) + ")"
	}
	return ""
}
