package websocket

import (
	"bufio"
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAcceptKey(t *testing.T) {
	// The example of RFC 6455 section 1.3.
	if got, want := AcceptKey("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestFramesComeBack(t *testing.T) {
	for _, size := range []int{0, 1, 125, 126, 0xffff, 0x10000} {
		for _, mask := range []*[4]byte{nil, {1, 2, 3, 4}} {
			want := Frame{Opcode: Text, Final: true, Mask: mask, Payload: []byte(strings.Repeat("x", size))}
			br := bufio.NewReader(bytes.NewReader(want.Append(nil)))
			got, err := Read(br)
			if err != nil {
				t.Fatalf("size %d: %v", size, err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("size %d: %s", size, diff)
			}
			if _, err := Read(br); err != io.EOF {
				t.Errorf("size %d: after the frame: %v, want io.EOF", size, err)
			}
		}
	}
}

func TestRFCExamples(t *testing.T) {
	// RFC 6455 section 5.7.
	masked := "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"
	f, err := Read(bufio.NewReader(strings.NewReader(masked)))
	if err != nil || string(f.Payload) != "Hello" || f.Opcode != Text || !f.Final {
		t.Errorf("got %+v, %v", f, err)
	}
	if got := string(f.Append(nil)); got != masked {
		t.Errorf("written back as %q", got)
	}
}

func TestCutAndOversizedFramesAreRefused(t *testing.T) {
	for name, wire := range map[string]string{
		"no length":    "\x81",
		"cut payload":  "\x81\x05He",
		"cut mask":     "\x81\x85\x37\xfa",
		"cut size":     "\x81\x7f\x00",
		"too long":     "\x81\x7f\x00\x00\x00\x00\x10\x00\x00\x00",
		"reserved bit": "\xc1\x00",
	} {
		if _, err := Read(bufio.NewReader(strings.NewReader(wire))); err == nil || err == io.EOF {
			t.Errorf("%s: error %v, want one that says what is wrong", name, err)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"))
	f.Add([]byte("\x88\x02\x03\xe8"))
	f.Fuzz(func(t *testing.T, wire []byte) {
		frame, err := Read(bufio.NewReader(bytes.NewReader(wire)))
		if err != nil {
			return
		}
		again, err := Read(bufio.NewReader(bytes.NewReader(frame.Append(nil))))
		if diff := cmp.Diff(frame, again); err != nil || diff != "" {
			t.Errorf("not the same after writing and reading: %v %s", err, diff)
		}
	})
}
