package discover

import (
	"bufio"
	"encoding/hex"
	"io"
	"net/netip"
	"strconv"
	"strings"
)

// socket is a listening TCP socket of this machine.
type socket struct {
	addr  netip.AddrPort
	inode string // what /proc/PID/fd calls it
}

// parseSockets reads /proc/net/tcp or tcp6 (proc(5)) and returns the sockets
// that listen. Addresses stand there as 32-bit words in the byte order of the
// machine, which is little-endian wherever Linux runs a browser.
func parseSockets(table io.Reader) (list []socket) {
	const listens = "0A"
	lines := bufio.NewScanner(table)
	for lines.Scan() {
		f := strings.Fields(lines.Text())
		if len(f) < 10 || f[3] != listens {
			continue
		}
		if addr, ok := parseAddr(f[1]); ok {
			list = append(list, socket{addr: addr, inode: f[9]})
		}
	}
	return list
}

// parseAddr reads "0100007F:1F90".
func parseAddr(s string) (netip.AddrPort, bool) {
	host, port, ok := strings.Cut(s, ":")
	n, err := strconv.ParseUint(port, 16, 16)
	words, herr := hex.DecodeString(host)
	if !ok || err != nil || herr != nil || len(words)%4 != 0 {
		return netip.AddrPort{}, false
	}
	for w := words; len(w) > 0; w = w[4:] {
		w[0], w[1], w[2], w[3] = w[3], w[2], w[1], w[0]
	}
	addr, ok := netip.AddrFromSlice(words)
	return netip.AddrPortFrom(addr.Unmap(), uint16(n)), ok
}
