package config

import (
	"context"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"time"

	"github.com/fsnotify/fsnotify"
)

const (
	// settle is how long a file has to be quiet before it is read. Saving in
	// place is two writes, the first of which leaves the file empty.
	settle = 200 * time.Millisecond
	// retry is how often a folder that does not exist is looked for.
	retry = 2 * time.Second
)

// Watch calls notify after each change of a file that o reads: with new
// settings, or with the Faults that keep the old ones in force. A change that
// changes no setting is silent, unless it mends a fault. Calls come one after
// another from one goroutine, which ends with ctx; Watch itself returns at
// once. The error says that the system cannot watch files.
//
// It is the folders that are watched. A file saved by renaming another over it
// would be lost to a watch on the file itself, as would one that is deleted
// and made again.
func Watch(ctx context.Context, o Options, current *Config, notify func(*Config, error)) error {
	if o.Dir == "" {
		o.Dir, _ = os.Getwd()
	}
	fsw, err := fsnotify.NewWatcher()
	if err != nil {
		return err
	}
	w := &watcher{options: o, fsw: fsw, current: current, notify: notify}
	w.follow()
	go w.run(ctx)
	return nil
}

type watcher struct {
	options Options
	fsw     *fsnotify.Watcher
	current *Config
	failed  string // the fault last reported, "" when there is none
	notify  func(*Config, error)
	files   []string // every file that is or would be read, and where links lead
	absent  bool     // some folder could not be watched
}

func (w *watcher) run(ctx context.Context) {
	defer w.fsw.Close()
	// The first look is for what changed between Load and Watch.
	quiet, again := time.NewTimer(settle), time.NewTicker(retry)
	defer again.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case event, ok := <-w.fsw.Events:
			if ok && w.concerns(event) {
				quiet.Reset(settle)
			}
		case <-w.fsw.Errors:
			// Events were lost; what they said is in the files.
			quiet.Reset(settle)
		case <-again.C:
			if w.absent && w.follow() {
				quiet.Reset(settle)
			}
		case <-quiet.C:
			w.follow()
			w.reload()
		}
	}
}

// follow watches the folders of all files. It reports whether it watches one
// it did not before.
func (w *watcher) follow() (more bool) {
	w.files, w.absent = w.options.watchable(), false
	before := w.fsw.WatchList()
	for _, path := range w.files {
		dir := filepath.Dir(path)
		if slices.Contains(before, dir) {
			continue
		}
		if err := w.fsw.Add(dir); err != nil {
			w.absent = true
			continue
		}
		before, more = append(before, dir), true
	}
	return more
}

// watchable lists the files that are read, or would be if they existed, and
// where links among them lead.
func (o Options) watchable() []string {
	list := []string{o.explicit()}
	if list[0] == "" {
		list = projectCandidates(o.Dir)
		if user := UserFile(o.env); user != "" {
			list = append(list, user)
		}
	}
	for _, path := range list {
		if target, err := filepath.EvalSymlinks(path); err == nil && target != path {
			list = append(list, target)
		}
	}
	return list
}

// concerns reports whether an event is about one of the files, or about the
// end of a watched folder, which ends its watch.
func (w *watcher) concerns(event fsnotify.Event) bool {
	if event.Op == fsnotify.Chmod {
		return false
	}
	for _, path := range w.files {
		if event.Name == path {
			return true
		}
		if event.Name == filepath.Dir(path) {
			w.absent = true
			return true
		}
	}
	return false
}

func (w *watcher) reload() {
	c, err := Load(w.options)
	switch {
	case err != nil && err.Error() != w.failed:
		w.failed = err.Error()
		w.notify(nil, err)
	case err == nil && (w.failed != "" || !sameSettings(c, w.current)):
		w.failed, w.current = "", c
		w.notify(c, nil)
	}
}

func sameSettings(a, b *Config) bool {
	for _, s := range settings {
		if !reflect.DeepEqual(s.value(a), s.value(b)) {
			return false
		}
	}
	return true
}

// NeedRestart lists the keys that differ and that a running corsdash cannot
// take over: it holds a port, memory, files and a screen.
func NeedRestart(running, changed *Config) (keys []string) {
	for _, s := range settings {
		if s.field.Tag.Get("live") == "" && !reflect.DeepEqual(s.value(running), s.value(changed)) {
			keys = append(keys, s.key)
		}
	}
	return keys
}
