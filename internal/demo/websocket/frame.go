// Package websocket holds as much of RFC 6455 as the two ends of the demo
// need: the accept key and frames. It knows no connection and no extension.
package websocket

import (
	"bufio"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
)

// Opcodes of RFC 6455 section 5.2.
const (
	Text  = 1
	Close = 8
	Ping  = 9
	Pong  = 10
)

// MaxPayload is the longest payload ReadFrame takes, in bytes.
const MaxPayload = 1 << 20

// AcceptKey answers a Sec-WebSocket-Key (RFC 6455 section 4.2.2, step 5.4).
func AcceptKey(key string) string {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// Frame is one frame. Mask is the key a client must use; a server's is nil.
type Frame struct {
	Opcode  byte
	Final   bool
	Mask    *[4]byte
	Payload []byte // without the mask
}

// Append appends the frame as it goes on the wire.
func (f Frame) Append(dst []byte) []byte {
	first := f.Opcode
	if f.Final {
		first |= 0x80
	}
	masked := byte(0)
	if f.Mask != nil {
		masked = 0x80
	}
	switch n := len(f.Payload); {
	case n < 126:
		dst = append(dst, first, masked|byte(n))
	case n <= 0xffff:
		dst = binary.BigEndian.AppendUint16(append(dst, first, masked|126), uint16(n))
	default:
		dst = binary.BigEndian.AppendUint64(append(dst, first, masked|127), uint64(n))
	}
	if f.Mask == nil {
		return append(dst, f.Payload...)
	}
	dst = append(dst, f.Mask[:]...)
	for i, c := range f.Payload {
		dst = append(dst, c^f.Mask[i&3])
	}
	return dst
}

// Read reads the next frame. io.EOF means that the peer left between frames.
func Read(br *bufio.Reader) (Frame, error) {
	var head [2]byte
	if _, err := io.ReadFull(br, head[:]); err != nil {
		return Frame{}, err
	}
	f := Frame{Opcode: head[0] & 0x0f, Final: head[0]&0x80 != 0}
	if head[0]&0x70 != 0 {
		return f, fmt.Errorf("reserved bits %#x in a frame without extensions", head[0]&0x70)
	}
	size, err := readSize(br, head[1]&0x7f)
	if err != nil {
		return f, err
	}
	if size > MaxPayload {
		return f, fmt.Errorf("frame of %d bytes, over the limit of %d", size, MaxPayload)
	}
	if head[1]&0x80 != 0 {
		f.Mask = new([4]byte)
		if err := readFull(br, f.Mask[:]); err != nil {
			return f, err
		}
	}
	f.Payload = make([]byte, size)
	if err := readFull(br, f.Payload); err != nil {
		return f, err
	}
	if f.Mask != nil {
		for i := range f.Payload {
			f.Payload[i] ^= f.Mask[i&3]
		}
	}
	return f, nil
}

func readSize(br *bufio.Reader, short byte) (uint64, error) {
	var b [8]byte
	switch short {
	case 126:
		err := readFull(br, b[:2])
		return uint64(binary.BigEndian.Uint16(b[:])), err
	case 127:
		err := readFull(br, b[:])
		return binary.BigEndian.Uint64(b[:]), err
	}
	return uint64(short), nil
}

// readFull reads what must follow: an end here is a cut, not an end.
func readFull(br *bufio.Reader, p []byte) error {
	_, err := io.ReadFull(br, p)
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
