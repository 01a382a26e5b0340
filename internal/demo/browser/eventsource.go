package browser

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// Event is one message of an event stream.
type Event struct{ Name, Data, ID string }

// defaultRetry is how long Chromium waits before it connects again.
const defaultRetry = 3 * time.Second

// EventSource reads an event stream until each returns false, and connects
// again whenever the stream ends, as the page's EventSource does
// (https://html.spec.whatwg.org/#server-sent-events). The error is a *Failure
// when the stream was refused for good.
func (b *Browser) EventSource(ctx context.Context, url string, withCredentials bool, each func(Event) bool) error {
	s := eventStream{retry: defaultRetry, each: each}
	for {
		resp, err := b.Do(ctx, s.request(url, withCredentials))
		switch {
		case err == nil:
			err = s.read(resp)
			resp.Body.Close()
		case !lostConnection(err):
			return err
		}
		if s.done || ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil && !lostConnection(err) {
			return err
		}
		select {
		case <-time.After(s.retry):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// lostConnection tells failures of the network, which are tried again, from
// refusals, which are not.
func lostConnection(err error) bool {
	var fail *Failure
	return errors.As(err, &fail) && fail.Code == "" && fail.Status == 0
}

type eventStream struct {
	last  string // ID to send as Last-Event-ID
	retry time.Duration
	each  func(Event) bool
	done  bool
}

func (s *eventStream) request(url string, withCredentials bool) Request {
	req := Request{Kind: EventStream, URL: url}
	if withCredentials {
		req.Credentials = "include"
	}
	req.lastEvent = s.last
	return req
}

// read takes the messages of one connection. It returns nil at its end.
func (s *eventStream) read(resp *Response) error {
	kind, _ := get(resp.Headers, "Content-Type")
	switch {
	case resp.Status != 200:
		return &Failure{Status: resp.Status, Console: resp.Console}
	case essence(kind) != "text/event-stream":
		line := fmt.Sprintf("EventSource's response has a MIME type (%q) that is not \"text/event-stream\". Aborting the connection.", essence(kind))
		return &Failure{Status: resp.Status, Console: []string{line}}
	}
	br := bufio.NewReader(resp.Body)
	var e Event
	var data []string
	for {
		line, err := br.ReadString('\n')
		if err != nil {
			if err == io.EOF {
				return nil // what was not ended with an empty line is dropped
			}
			return err
		}
		line = strings.TrimRight(line, "\r\n")
		if line != "" {
			s.field(line, &e, &data)
			continue
		}
		if data != nil {
			e.Data, e.ID = strings.Join(data, "\n"), s.last
			if s.done = !s.each(e); s.done {
				return nil
			}
		}
		e, data = Event{}, nil
	}
}

func (s *eventStream) field(line string, e *Event, data *[]string) {
	name, value, _ := strings.Cut(line, ":")
	value = strings.TrimPrefix(value, " ")
	switch name {
	case "data":
		*data = append(*data, value)
	case "event":
		e.Name = value
	case "id":
		s.last = value
	case "retry":
		if ms, err := strconv.ParseUint(value, 10, 31); err == nil {
			s.retry = time.Duration(ms) * time.Millisecond
		}
	}
}
