package cli

import (
	"os"
	"strconv"

	"corsdash/internal/config"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// settingFlag is a flag that sets a key of the configuration. The value's
// kind is that of its zero: "" text, false a switch, nil a list.
type settingFlag struct {
	name  string
	key   string
	zero  any
	usage string
	words []string // what it may be, for completion
	not   bool     // the switch means the opposite of the key
}

// settingFlags stand in the order of --help.
var settingFlags = []settingFlag{
	{name: "listen", key: "listen", zero: "", usage: "where browsers connect: a port or `HOST:PORT`"},
	{name: "target", key: "target", zero: "", usage: "the server, like UPSTREAM: a port, host:port or `URL`"},
	{name: "route", key: "route", zero: nil, usage: "one more server, `PREFIX=URL` with ,strip or ,rewrite=/path behind it if need be; repeatable, the longest prefix wins"},
	{name: "host-header", key: "host_header", zero: "", usage: "the Host the server sees, a `WORD`: auto, preserve or upstream", words: config.HostHeaders},
	{name: "allow-host", key: "allow_hosts", zero: nil, usage: "one more `NAME` browsers may use for corsdash; repeatable"},
	{name: "allow-origin", key: "allow_origins", zero: nil, usage: "one more `ORIGIN` that may read corsdash's own errors with credentials; repeatable"},
	{name: "forwarded", key: "forwarded", zero: false, usage: "send X-Forwarded-For, -Host and -Proto"},
	{name: "insecure", key: "insecure", zero: false, usage: "accept any certificate from the servers"},
	{name: "cacert", key: "cacert", zero: "", usage: "trust the authorities in PEM `FILE`, too"},
	{name: "tls-cert", key: "tls_cert", zero: "", usage: "speak https to browsers with the certificate in PEM `FILE`"},
	{name: "tls-key", key: "tls_key", zero: "", usage: "the key of that certificate, a PEM `FILE`"},
	{name: "dial-timeout", key: "dial_timeout", zero: "", usage: "`TIME` for connecting to a server, like 10s"},
	{name: "response-timeout", key: "response_timeout", zero: "", usage: "`TIME` for a server to begin its answer, like 5m"},
	{name: "body-limit", key: "body_limit", zero: "", usage: "keep this `SIZE` of each body, like 256KB"},
	{name: "capture-memory", key: "capture_memory", zero: "", usage: "keep this `SIZE` of traffic in memory, like 64MB"},
	{name: "session", key: "session", zero: "", usage: "keep the session in `FILE`"},
	{name: "no-save", key: "save", zero: false, usage: "keep no session on disk", not: true},
	{name: "with-secrets", key: "with_secrets", zero: false, usage: "print and save secrets as they are"},
	{name: "mode", key: "mode", zero: "", usage: "what to show, a `WORD`: auto, tui, json or plain", words: config.Modes},
	{name: "fail-on", key: "fail_on", zero: "", usage: "exit with 1 for findings from this `SEVERITY` up: blocks, error or warning", words: config.FailOns},
	{name: "theme", key: "theme", zero: "", usage: "colours of the dashboard, by `NAME`"},
	{name: "ascii", key: "ascii", zero: false, usage: "draw with ASCII characters only"},
	{name: "no-mouse", key: "mouse", zero: false, usage: "leave the mouse to the terminal", not: true},
	{name: "log-file", key: "log_file", zero: "", usage: "write corsdash's own log to `FILE`"},
}

func addSettingFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.SortFlags = false
	for _, f := range settingFlags {
		switch f.zero.(type) {
		case bool:
			flags.Bool(f.name, false, f.usage)
		case string:
			flags.String(f.name, "", f.usage)
		default:
			flags.StringArray(f.name, nil, f.usage)
		}
		if f.words != nil {
			_ = cmd.RegisterFlagCompletionFunc(f.name, cobra.FixedCompletions(f.words, cobra.ShellCompDirectiveNoFileComp))
		}
	}
}

// given lists the setting flags that were on the command line.
func given(flags *pflag.FlagSet) (list []config.Flag) {
	for _, f := range settingFlags {
		flag := flags.Lookup(f.name)
		if flag == nil || !flag.Changed {
			continue
		}
		var texts []string
		switch f.zero.(type) {
		case bool:
			on, _ := flags.GetBool(f.name)
			texts = []string{strconv.FormatBool(on != f.not)}
		case string:
			texts = []string{flag.Value.String()}
		default:
			texts, _ = flags.GetStringArray(f.name)
		}
		list = append(list, config.Flag{Name: "--" + f.name, Key: f.key, Texts: texts})
	}
	return list
}

// loadOptions gathers what the configuration is made of. Positional arguments
// are flags in short.
func (a *app) loadOptions(cmd *cobra.Command, args []string) (config.Options, error) {
	o := config.Options{Environ: os.Environ(), Flags: given(cmd.Flags())}
	o.File, _ = cmd.Flags().GetString("config")
	keys := []string{"target"}
	if len(args) == 2 {
		keys = []string{"listen", "target"}
	}
	for i, arg := range args {
		if cmd.Flags().Changed(keys[i]) {
			return o, usagef("both %s and --%s say the same; give one of them", arg, keys[i])
		}
		o.Flags = append(o.Flags, config.Flag{Name: "--" + keys[i], Key: keys[i], Texts: []string{arg}})
	}
	return o, nil
}
