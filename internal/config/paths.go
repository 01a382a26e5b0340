package config

import (
	"os"
	"path/filepath"
	"runtime"
)

// ProjectFile is the name of the file that belongs to a project.
const ProjectFile = ".corsdash.toml"

// UserFile is where the user's settings live: $XDG_CONFIG_HOME/corsdash or
// ~/.config/corsdash (on macOS, too), on Windows %APPDATA%\corsdash. It is ""
// when the system names no home folder.
func UserFile(env func(string) string) string {
	return under(baseDir(env, "XDG_CONFIG_HOME", "APPDATA", ".config"), "config.toml")
}

// StateDir is where the log and crash reports live: $XDG_STATE_HOME/corsdash
// or ~/.local/state/corsdash, on Windows %LOCALAPPDATA%\corsdash.
func StateDir(env func(string) string) string {
	return under(baseDir(env, "XDG_STATE_HOME", "LOCALAPPDATA", ".local/state"))
}

// SessionDir is where sessions are kept: $XDG_DATA_HOME/corsdash/sessions or
// ~/.local/share/corsdash/sessions, on Windows %LOCALAPPDATA%\corsdash\sessions.
func SessionDir(env func(string) string) string {
	return under(baseDir(env, "XDG_DATA_HOME", "LOCALAPPDATA", ".local/share"), "sessions")
}

// baseDir asks the variable first. A relative one is ignored, as the XDG base
// directory specification demands.
func baseDir(env func(string) string, xdg, windows, home string) string {
	if dir := env(xdg); filepath.IsAbs(dir) {
		return dir
	}
	if runtime.GOOS == "windows" {
		if dir := env(windows); filepath.IsAbs(dir) {
			return dir
		}
	}
	dir := env("HOME")
	if dir == "" {
		var err error
		if dir, err = os.UserHomeDir(); err != nil {
			return ""
		}
	}
	return filepath.Join(dir, filepath.FromSlash(home))
}

func under(base string, names ...string) string {
	if base == "" {
		return ""
	}
	return filepath.Join(append([]string{base, "corsdash"}, names...)...)
}

// repositories are the folders that mark the root of a working copy.
var repositories = [...]string{".git", ".hg", ".svn", ".jj"}

// projectCandidates lists where a project file may stand, the nearest first:
// from dir up to the root of its working copy. Outside a working copy it is
// dir alone, for a file further up (in /tmp, say) may be anybody's.
func projectCandidates(dir string) []string {
	var list []string
	for at := dir; ; at = filepath.Dir(at) {
		list = append(list, filepath.Join(at, ProjectFile))
		for _, mark := range repositories {
			if _, err := os.Lstat(filepath.Join(at, mark)); err == nil {
				return list
			}
		}
		if at == filepath.Dir(at) {
			return list[:1]
		}
	}
}

// ProjectFileOf is the project file that counts for a folder, "" for none.
func ProjectFileOf(dir string) string {
	for _, path := range projectCandidates(dir) {
		if _, err := os.Lstat(path); err == nil {
			return path
		}
	}
	return ""
}
