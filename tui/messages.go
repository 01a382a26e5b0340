package tui

import (
	"bytes"
	"compress/flate"
	"io"
	"strings"

	"corsdash/internal/exchange"
	"corsdash/internal/safe"
)

const (
	messageLimit = 5000     // messages that are listed
	messageShown = 4 << 10  // bytes of a message that are shown
	inflateLimit = 1 << 20  // bytes of one message
	windowSize   = 32 << 10 // of deflate (RFC 7692 section 7.1.2)
)

// buildMessages lists what passed over a WebSocket.
func buildMessages(job pageJob) paper {
	s := &sheet{w: job.w}
	socket := *job.raw.Socket
	socket.Frames = inflated(socket.Frames)
	x := *withoutBodies(job.raw)
	x.Socket = &socket
	frames := masked(job.mask, &x).Socket.Frames
	total := uint64(socket.FramesIn) + uint64(socket.FramesOut)
	s.words(dim, "WebSocket, "+grouped(uint64(socket.FramesOut))+" frames out and "+grouped(uint64(socket.FramesIn))+" in"+
		missingFrames(uint64(len(frames)), total))
	s.gap()
	for _, f := range frames[:min(len(frames), messageLimit)] {
		s.message(f)
	}
	if more := len(frames) - messageLimit; more > 0 {
		s.add(span{dim, "and " + grouped(uint64(more)) + " more"})
	}
	return s
}

func missingFrames(have, total uint64) safe.Text {
	if have >= total {
		return ""
	}
	return "; the first " + grouped(have) + " were captured"
}

var opcodes = map[byte]safe.Text{0: "more", 1: "text", 2: "binary", 8: "close", 9: "ping", 10: "pong"}

// message adds a frame: which way, when, what sort, how long, and its text.
func (s *sheet) message(f exchange.Frame) {
	way, in := safe.Text("in  "), note
	if f.Out {
		way, in = "out ", accent
	}
	kind, ok := opcodes[f.Opcode]
	if !ok {
		kind = "?"
	}
	label := way + safe.PadLeft(duration(f.At), 7) + " " + safe.Pad(kind, 7) + safe.PadLeft(size(f.Size), 7) + "  "
	text := safe.Line(f.Data[:min(len(f.Data), messageShown)])
	switch {
	case f.Compressed:
		text = "compressed"
	case isBinary(f.Data):
		text = "no text"
	case len(f.Data) > messageShown || int64(len(f.Data)) < f.Size && f.Data != "":
		text += " …"
	}
	s.wrap(span{in, label}, safe.Width(label), plain, text)
}

// inflated undoes permessage-deflate (RFC 7692) where all of a message was
// captured. Messages of one direction share a window, so after the first that
// is missing the others stay as they are.
func inflated(frames []exchange.Frame) []exchange.Frame {
	out := make([]exchange.Frame, len(frames))
	copy(out, frames)
	var window [2][]byte
	var broken [2]bool
	for i := range out {
		f := &out[i]
		way := 0
		if f.Out {
			way = 1
		}
		if !f.Compressed || broken[way] {
			continue
		}
		if !f.Final || int64(len(f.Data)) < f.Size {
			broken[way] = true
			continue
		}
		plain, err := inflate(f.Data, window[way])
		if err != nil {
			broken[way] = true
			continue
		}
		window[way] = append(window[way], plain...)
		window[way] = window[way][max(len(window[way])-windowSize, 0):]
		f.Data, f.Size, f.Compressed = string(plain), int64(len(plain)), false
	}
	return out
}

// inflate decodes one message, whose last four bytes the sender left out
// (RFC 7692 section 7.2.1).
func inflate(data string, window []byte) ([]byte, error) {
	src := io.MultiReader(strings.NewReader(data), bytes.NewReader([]byte{0, 0, 0xff, 0xff, 1, 0, 0, 0xff, 0xff}))
	r := flate.NewReaderDict(src, window)
	defer r.Close()
	return io.ReadAll(io.LimitReader(r, inflateLimit))
}
