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
	for i := range socket.Frames {
		if f := socket.Frames[i]; f.Opcode != 0 {
			s.message(&out, socket.Frames, message(socket.Frames, i))
		} else if i == 0 || !continues(socket.Frames, i) {
			s.message(&out, socket.Frames, []int{i}) // the rest of one whose start is gone
		}
	}
	if len(out.Frames) == 0 || &out.Frames[0] == &socket.Frames[0] {
		return socket
	}
	return &out
}

// message lists the data frame at i and those that continue it. Control frames
// may stand between them (RFC 6455 section 5.4).
func message(frames []Frame, i int) []int {
	list := []int{i}
	if frames[i].Final || frames[i].Opcode >= 8 {
		return list
	}
	for j := i + 1; j < len(frames); j++ {
		f := frames[j]
		if f.Out != frames[i].Out || f.Opcode >= 8 {
			continue
		}
		if f.Opcode != 0 {
			break
		}
		list = append(list, j)
		if f.Final {
			break
		}
	}
	return list
}

// continues reports whether the continuation at i has its first frame in the list.
func continues(frames []Frame, i int) bool {
	for j := i - 1; j >= 0; j-- {
		if f := frames[j]; f.Out == frames[i].Out && f.Opcode < 8 {
			return f.Opcode != 0 || !f.Final && continues(frames, j)
		}
	}
	return false
}

func (s *sweep) message(out *Socket, frames []Frame, list []int) {
	var whole strings.Builder
	for _, i := range list {
		whole.WriteString(frames[i].Data)
	}
	text := whole.String()
	clean := s.payload(text, frames[list[0]].Compressed)
	if clean == text {
		return
	}
	if &out.Frames[0] == &frames[0] {
		out.Frames = slices.Clone(frames)
	}
	for n, i := range list {
		out.Frames[i].Data = ""
		if n == 0 {
			out.Frames[i].Data = clean
		}
	}
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
