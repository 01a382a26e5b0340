package exchange

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"hash/maphash"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
)

// RedactRules are what a user adds to the defaults. Names have no case, and
// "-" and "_" do not count: "api_key" is "apiKey" is "Api-Key".
type RedactRules struct {
	Headers  []string // headers whose values are secret; a * stands for any characters
	Keys     []string // query parameters, form fields (multipart ones, too) and JSON members
	Keep     []string // headers, keys and cookies that are no secrets after all
	Patterns []string // regular expressions (RE2): what the first group, or else the whole, matches is secret
}

// hashDigits is how many hex digits of the keyed hash a mark holds. People see
// four; eight make it safe to call two secrets of a session equal.
const hashDigits = 8

// Redactor replaces secrets by marks. It keeps no list of secrets but a small
// cache of recent ones, and may be used by several goroutines.
type Redactor struct {
	names    names
	patterns []*regexp.Regexp
	macs     sync.Pool // of hash.Hash
	seed     maphash.Seed
	cache    [256]atomic.Pointer[masked]
}

// masked is a secret and what stands for it.
type masked struct {
	secret string
	enc    encoding
	mark   Mark
	text   string // the mark in headers and bodies
	url    string // the mark in URLs and forms
}

// NewRedactor makes a redactor whose marks compare with each other and with
// those of no other redactor: its key is random and never leaves it.
func NewRedactor(rules RedactRules) (*Redactor, error) {
	return NewRedactorWithKey(rules, []byte(rand.Text()))
}

// NewRedactorWithKey makes a redactor with a given key, for equal marks in
// every run of a test. Who has the key can guess secrets.
func NewRedactorWithKey(rules RedactRules, key []byte) (*Redactor, error) {
	if err := rules.check(); err != nil {
		return nil, err
	}
	r := &Redactor{names: newNames(rules), seed: maphash.MakeSeed()}
	key = append([]byte(nil), key...)
	r.macs.New = func() any { return hmac.New(sha256.New, key) }
	for i, pattern := range rules.Patterns {
		re, err := regexp.Compile(pattern)
		if err != nil {
			return nil, fmt.Errorf("redact pattern %d: %w", i+1, err)
		}
		if re.MatchString("") {
			return nil, fmt.Errorf("redact pattern %d: %q matches the empty text, so it would match everywhere", i+1, pattern)
		}
		r.patterns = append(r.patterns, re)
	}
	return r, nil
}

func (rules RedactRules) check() error {
	var errs []error
	for _, list := range []struct {
		what  string
		names []string
	}{{"headers", rules.Headers}, {"keys", rules.Keys}, {"keep", rules.Keep}} {
		for i, name := range list.names {
			if strings.Trim(name, "-_.[] *") == "" {
				errs = append(errs, fmt.Errorf("redact %s, entry %d: %q is no name", list.what, i+1, name))
			}
		}
	}
	return errors.Join(errs...)
}

// Fingerprint is the short form of a secret that people compare, "tok·7f3a".
// That of a mark is the fingerprint of what the mark stands for.
func (r *Redactor) Fingerprint(secret string) string {
	if mark, ok := ParseMark(secret); ok {
		return mark.Fingerprint()
	}
	return r.masked(secret, asIs).mark.Fingerprint()
}

// Mark is what stands for a secret: its fingerprint, and of a token what can be
// read without a key. The mark of a mark is that mark, so that what was
// captured in clear and what was saved redacted compare equal within a session.
func (r *Redactor) Mark(secret string) Mark {
	if mark, ok := ParseMark(secret); ok {
		return mark
	}
	return r.masked(secret, asIs).mark
}

// Text redacts text of any kind: a sentence, a body, a line of a log.
func (r *Redactor) Text(s string) string { return (&sweep{r: r}).text(s, anyText) }

// URL redacts a URL or a reference relative to one.
func (r *Redactor) URL(s string) string { return (&sweep{r: r}).url(s) }

// masked finds or makes what stands for a secret.
func (r *Redactor) masked(secret string, enc encoding) *masked {
	slot := &r.cache[maphash.String(r.seed, secret)%uint64(len(r.cache))]
	if m := slot.Load(); m != nil && m.secret == secret && m.enc == enc {
		return m
	}
	m := r.mask(secret, enc)
	if len(secret) <= maxCached {
		// A secret is part of a larger text, which it must not keep alive.
		m.secret = strings.Clone(secret)
		slot.Store(m)
	}
	return m
}

// maxCached is the longest secret that is remembered, in bytes.
const maxCached = 8 << 10

func (r *Redactor) mask(secret string, enc encoding) *masked {
	plain := decoded(secret, enc)
	mark := Mark{Kind: "tok"}
	if token, ok := parseJWT(plain); ok {
		mark = r.jwtMark(token)
	}
	return r.finish(mark, plain, secret, enc)
}

// finish completes a mark of some kind and spells it out.
func (r *Redactor) finish(mark Mark, plain, secret string, enc encoding) *masked {
	mark.Hash, mark.Len = r.hash(plain), len(secret)
	return &masked{enc: enc, mark: mark, text: mark.String(), url: mark.URL()}
}

func (r *Redactor) hash(secret string) string {
	mac := r.macs.Get().(hash.Hash)
	defer r.macs.Put(mac)
	mac.Reset()
	mac.Write([]byte(secret))
	var sum [sha256.Size]byte
	return hex.EncodeToString(mac.Sum(sum[:0])[:hashDigits/2])
}

// Exchange returns x with its secrets replaced by marks. x stays as it is; the
// copy shares with it what needed no change. Redacting twice is redacting once.
//
// A body under a content coding cannot be read: it is dropped whole unless
// Body.Decoded says that the coding is off.
func (r *Redactor) Exchange(x *Exchange) *Exchange {
	s := sweep{r: r}
	c := *x
	c.Redacted = true
	c.Upstream = s.url(x.Upstream)
	s.request(&c.Request)
	c.Interim = s.interim(x.Interim)
	c.Response = s.response(x.Response)
	c.Changes = s.sentences(x.Changes)
	c.Failure.Detail = s.text(x.Failure.Detail, anyText)
	c.Socket = s.socket(x.Socket)
	s.echoes(&c, x)
	return &c
}
