package proxy

import (
	"net"
	"os"
	"syscall"
	"testing"
)

// fullListener opens a port that accepts nothing, and fills its queue: Linux
// then drops further handshakes.
func fullListener(t *testing.T) (shut func(), addr string) {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	file := os.NewFile(uintptr(fd), "full")
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Listen(fd, 0); err != nil {
		t.Fatal(err)
	}
	sa, err := syscall.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	a := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: sa.(*syscall.SockaddrInet4).Port}
	filler, err := net.Dial("tcp", a.String())
	if err != nil {
		t.Fatal(err)
	}
	return func() { filler.Close(); file.Close() }, a.String()
}
