package exchange

import (
	"slices"
	"strings"
)

// socket redacts the captured frames of a WebSocket. A message that came in
// several frames is read as one, so that no secret hides across their border;
// if it has any, all of its text then stands in the first frame.
func (s *sweep) socket(socket *Socket) *Socket {
	if socket == nil {
		return nil
	}
	out := *socket
	var open [2][]int // the data frames of each direction's message so far
	for i, f := range socket.Frames {
		if f.Opcode >= 8 { // control frames may stand in between (RFC 6455 section 5.4)
			s.message(&out, socket.Frames, []int{i})
			continue
		}
		dir := 0
		if f.Out {
			dir = 1
		}
		if f.Opcode != 0 {
			s.message(&out, socket.Frames, open[dir])
			open[dir] = open[dir][:0]
		}
		open[dir] = append(open[dir], i)
		if f.Final {
			s.message(&out, socket.Frames, open[dir])
			open[dir] = open[dir][:0]
		}
	}
	s.message(&out, socket.Frames, open[0])
	s.message(&out, socket.Frames, open[1])
	if len(out.Frames) == 0 || &out.Frames[0] == &socket.Frames[0] {
		return socket
	}
	return &out
}

// message redacts the frames of a list, which are one message.
func (s *sweep) message(out *Socket, frames []Frame, list []int) {
	if len(list) == 0 {
		return
	}
	text := frames[list[0]].Data
	if len(list) > 1 {
		var whole strings.Builder
		for _, i := range list {
			whole.WriteString(frames[i].Data)
		}
		text = whole.String()
	}
	clean := s.payload(text, frames[list[0]].Compressed)
	if clean == text {
		return
	}
	if &out.Frames[0] == &frames[0] {
		out.Frames = slices.Clone(frames)
	}
	for _, i := range list[1:] {
		out.Frames[i].Data = ""
	}
	out.Frames[list[0]].Data = clean
}

// payload redacts a message. A compressed one cannot be read.
func (s *sweep) payload(data string, compressed bool) string {
	if !compressed || data == "" {
		return s.text(data, anyText)
	}
	if _, marked := ParseMark(data); marked {
		return data
	}
	mark := Mark{Kind: "body", Coding: "permessage-deflate"}
	return s.r.finish(mark, data, data, asIs).text
}
