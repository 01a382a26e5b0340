package exchange

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFrames(t *testing.T) {
	const text, cont, ping, binary = 1, 0, 9, 2
	frame := func(out bool, op byte, final bool, data string) Frame {
		return Frame{Out: out, Opcode: op, Final: final, Size: int64(len(data)), Data: data}
	}
	r := testRedactor(t, RedactRules{})
	tests := []struct {
		name   string
		frames []Frame
		want   []string
	}{
		{"text", []Frame{frame(true, text, true, `{"token":"abc"}`)}, []string{`{"token":"⟨abc⟩"}`}},
		{"binary", []Frame{frame(false, binary, true, "\x00\x01{\"token\":\"abc\"}")}, []string{"\x00\x01{\"token\":\"⟨abc⟩\"}"}},
		{"ping", []Frame{frame(true, ping, true, "token=abc")}, []string{"token=⟪abc⟫"}},
		{"nothing", []Frame{frame(true, text, true, `{"a":1}`)}, []string{`{"a":1}`}},
		{"fragments", []Frame{
			frame(true, text, false, `{"tok`), frame(false, text, true, "x"), frame(true, ping, true, "p"),
			frame(true, cont, false, `en":"a`), frame(true, cont, true, `bc"}`), frame(true, text, true, "y"),
		}, []string{`{"token":"⟨abc⟩"}`, "x", "p", "", "", "y"}},
		{"fragments without secrets", []Frame{frame(true, text, false, `{"a`), frame(true, cont, true, `":1}`)}, []string{`{"a`, `":1}`}},
		{"fragments cut", []Frame{frame(true, text, false, `{"token":"a`)}, []string{`{"token":"⟨a⟩`}},
		{"rest of a message", []Frame{frame(true, cont, true, `"token":"abc"}`)}, []string{`"token":"⟨abc⟩"}`}},
	}
	for _, test := range tests {
		x := &Exchange{Socket: &Socket{FramesOut: 1, Frames: test.frames}}
		before := append([]Frame(nil), test.frames...)
		got := r.Exchange(x)
		var data, want []string
		for i, f := range got.Socket.Frames {
			data = append(data, f.Data)
			want = append(want, filled(r, test.want[i]))
		}
		if diff := cmp.Diff(want, data); diff != "" {
			t.Errorf("%s: %s", test.name, diff)
		}
		if diff := cmp.Diff(before, test.frames); diff != "" {
			t.Errorf("%s: the original changed: %s", test.name, diff)
		}
		if diff := cmp.Diff(got, r.Exchange(got)); diff != "" {
			t.Errorf("%s: redacting twice: %s", test.name, diff)
		}
	}
}

// A compressed message cannot be searched, nor can its continuation.
func TestCompressedFramesAreDropped(t *testing.T) {
	r := testRedactor(t, RedactRules{})
	x := &Exchange{Socket: &Socket{Frames: []Frame{
		{Opcode: 1, Compressed: true, Data: "dat"}, {Opcode: 0, Final: true, Data: "a"}, {Opcode: 1, Final: true, Data: "plain"},
	}}}
	got := r.Exchange(x)
	frames := got.Socket.Frames
	mark, ok := ParseMark(frames[0].Data)
	if want := (Mark{Kind: "body", Hash: r.hash("data"), Len: 4, Coding: "permessage-deflate"}); !ok || !cmp.Equal(mark, want) {
		t.Errorf("got %q, want %+v", frames[0].Data, want)
	}
	if frames[1].Data != "" || frames[2].Data != "plain" {
		t.Errorf("got %+v", frames)
	}
	if diff := cmp.Diff(got, r.Exchange(got)); diff != "" {
		t.Errorf("redacting twice: %s", diff)
	}
}
