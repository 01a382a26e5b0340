package browser

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"sync"

	"corsdash/internal/demo/websocket"
)

// Socket is an open WebSocket. Receive and Send may run at the same time.
type Socket struct {
	c    *conn
	stop func() bool
	mu   sync.Mutex // guards writing
	once sync.Once
}

// WebSocket opens one (https://websockets.spec.whatwg.org/#websocket-opening-handshake).
// CORS has no say in it: the server must look at Origin itself. The error is a
// *Failure.
func (b *Browser) WebSocket(ctx context.Context, url string, protocols ...string) (*Socket, error) {
	u, err := resolve(b.page, url)
	if err != nil {
		return nil, &Failure{Net: "net::ERR_INVALID_URL"}
	}
	key := make([]byte, 16)
	rand.Read(key)
	m := message{method: "GET", url: u, connection: "Upgrade", credentialed: true}
	m.add("Pragma", "no-cache")
	m.add("Cache-Control", "no-cache")
	m.add("User-Agent", userAgent)
	m.add("Upgrade", "websocket")
	m.add("Origin", b.origin)
	m.add("Sec-WebSocket-Version", "13")
	m.add("Accept-Encoding", codings(u))
	m.add("Accept-Language", acceptLanguage)
	site := b.relate(u) != crossSite
	if cookies := b.jar.send(u, site, site, b.now()); cookies != "" {
		m.add("Cookie", cookies)
	}
	m.add("Sec-WebSocket-Key", base64.StdEncoding.EncodeToString(key))
	m.add("Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits")
	if len(protocols) > 0 {
		m.add("Sec-WebSocket-Protocol", strings.Join(protocols, ", "))
	}
	r, fail := b.exchange(ctx, m, true)
	if fail != nil {
		return nil, socketFailure(url, 0, "Error in connection establishment: "+fail.Net)
	}
	b.jar.set(u, r.headers, site, b.now())
	if r.status != 101 {
		r.body.Close()
		return nil, socketFailure(url, r.status, fmt.Sprintf("Error during WebSocket handshake: Unexpected response code: %d", r.status))
	}
	if accept, _ := get(r.headers, "Sec-WebSocket-Accept"); accept != websocket.AcceptKey(base64.StdEncoding.EncodeToString(key)) {
		r.stream.abort()
		return nil, socketFailure(url, r.status, "Error during WebSocket handshake: Incorrect 'Sec-WebSocket-Accept' header value")
	}
	return &Socket{c: r.stream.c, stop: r.stream.stop}, nil
}

func socketFailure(url string, status int, why string) *Failure {
	return &Failure{
		Net: "net::ERR_FAILED", Status: status,
		Console: []string{fmt.Sprintf("WebSocket connection to '%s' failed: %s", url, why)},
	}
}

// Send sends a text message.
func (s *Socket) Send(text string) error {
	return s.write(websocket.Text, []byte(text))
}

func (s *Socket) write(opcode byte, payload []byte) error {
	mask := new([4]byte)
	rand.Read(mask[:])
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err := s.c.nc.Write(websocket.Frame{Opcode: opcode, Final: true, Mask: mask, Payload: payload}.Append(nil))
	return err
}

// Closed is how a socket ends that was closed by the other side.
type Closed struct{ Code int } // 1000 is normal, 1006 means without a word

func (c *Closed) Error() string { return fmt.Sprintf("closed with code %d", c.Code) }

// Receive waits for the next message and answers pings on the way. It ends
// with *Closed.
func (s *Socket) Receive() (string, error) {
	var text []byte
	for {
		f, err := websocket.Read(s.c.br)
		if err != nil {
			s.end()
			return "", &Closed{1006}
		}
		switch f.Opcode {
		case websocket.Ping:
			err = s.write(websocket.Pong, f.Payload)
		case websocket.Pong:
		case websocket.Close:
			err = s.closed(f.Payload)
		default:
			if text = append(text, f.Payload...); f.Final {
				return string(text), nil
			}
		}
		if err != nil {
			s.end()
			return "", err
		}
	}
}

// closed answers the other side's close.
func (s *Socket) closed(payload []byte) error {
	s.write(websocket.Close, payload)
	if len(payload) < 2 {
		return &Closed{1005}
	}
	return &Closed{int(binary.BigEndian.Uint16(payload))}
}

// Close says goodbye with code 1000 and waits for the answer.
func (s *Socket) Close() error {
	defer s.end()
	if err := s.write(websocket.Close, []byte{0x03, 0xe8}); err != nil {
		return err
	}
	for {
		_, err := s.Receive()
		var closed *Closed
		if errors.As(err, &closed) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (s *Socket) end() {
	s.once.Do(func() {
		s.stop()
		s.c.drop()
	})
}
