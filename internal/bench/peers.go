package main

import (
	"bufio"
	"context"
	"fmt"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"corsdash/internal/exchange"
	"corsdash/proxy"
)

// peer is a proxy to measure. Those with a role run in a child of this very
// program; the others are commands.
type peer struct {
	name    string
	role    string
	needs   string // command that must be installed
	command func(dir, listen, upstream string) *exec.Cmd
}

var peers = []peer{
	{name: "bare", role: "bare"},
	{name: "relay", role: "relay"}, // corsdash's proxy with a sink that throws everything away
	{name: "corsdash", command: corsdashCommand},
	{name: "nginx", needs: "nginx", command: nginxCommand},
	{name: "caddy", needs: "caddy", command: caddyCommand},
	{name: "vite", needs: "npx", command: viteCommand},
	{name: "mitmproxy", needs: "mitmdump", command: mitmCommand},
}

// play is the child's part: listen, say where, serve.
func play(role string) {
	upstream := os.Getenv("CORSDASH_BENCH_UPSTREAM")
	if role == "relay" {
		relay(upstream)
		return
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(l.Addr())
	switch role {
	case "backend":
		backend(l)
	case "bare":
		bare(l, upstream)
	}
}

// bare is the yardstick: the standard reverse proxy with a pool of idle
// connections as large as the load's concurrency, and nothing else.
func bare(l net.Listener, upstream string) {
	target := &url.URL{Scheme: "http", Host: upstream}
	rp := &httputil.ReverseProxy{
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(target); r.Out.Host = r.In.Host },
		Transport: &http.Transport{MaxIdleConns: 1024, MaxIdleConnsPerHost: 1024, DisableCompression: true},
	}
	http.Serve(l, rp)
}

type nowhere struct{ id uint64 }

func (n *nowhere) Add(d *exchange.Draft) {}

func relay(upstream string) {
	p, err := proxy.New(proxy.Options{Routes: []proxy.Route{{Target: "http://" + upstream}}, Sink: &nowhere{}})
	if err != nil {
		log.Fatal(err)
	}
	if err := p.Listen("127.0.0.1:0"); err != nil {
		log.Fatal(err)
	}
	fmt.Println(p.Addr())
	p.Serve(context.Background())
}

func corsdashCommand(dir, listen, upstream string) *exec.Cmd {
	bin := filepath.Join(dir, "bin", "corsdash")
	if out, err := exec.Command("go", "build", "-o", bin, "corsdash").CombinedOutput(); err != nil {
		log.Fatalf("build corsdash: %v\n%s", err, out)
	}
	cmd := exec.Command(bin, "--mode", "plain", "--session", filepath.Join(dir, "bench.corsdash"), listen, upstream)
	cmd.Env = append(os.Environ(), "HOME="+dir, "XDG_STATE_HOME="+dir, "XDG_CONFIG_HOME="+dir)
	return cmd
}

func nginxCommand(dir, listen, upstream string) *exec.Cmd {
	conf := fmt.Sprintf(`daemon off; pid %[1]s/pid; error_log %[1]s/error.log; worker_processes 1;
events { worker_connections 1024; }
http { access_log %[1]s/access.log; proxy_temp_path %[1]s/p; client_body_temp_path %[1]s/b; fastcgi_temp_path %[1]s/f; uwsgi_temp_path %[1]s/u; scgi_temp_path %[1]s/s;
upstream up { server %[3]s; keepalive 256; keepalive_requests 1000000; }
server { listen %[2]s; keepalive_requests 1000000; location / { proxy_pass http://up; proxy_http_version 1.1; proxy_set_header Host $http_host; proxy_set_header Connection $http_connection; proxy_set_header Upgrade $http_upgrade; client_max_body_size 0; } } }`, dir, listen, upstream)
	file := filepath.Join(dir, "nginx.conf")
	os.WriteFile(file, []byte(conf), 0o600)
	return exec.Command("nginx", "-p", dir, "-c", file)
}

func caddyCommand(dir, listen, upstream string) *exec.Cmd {
	file := filepath.Join(dir, "Caddyfile")
	os.WriteFile(file, fmt.Appendf(nil, "{\nadmin off\nauto_https off\n}\nhttp://%s {\nreverse_proxy %s\n}\n", listen, upstream), 0o600)
	cmd := exec.Command("caddy", "run", "--config", file, "--adapter", "caddyfile")
	cmd.Env = append(os.Environ(), "HOME="+dir)
	return cmd
}

// viteCommand expects vite in the npm project that VITE_DIR names.
func viteCommand(dir, listen, upstream string) *exec.Cmd {
	_, port, _ := net.SplitHostPort(listen)
	conf := fmt.Sprintf(`export default { server: { host: '127.0.0.1', port: %s, strictPort: true, proxy: { '/': { target: 'http://%s', ws: true } } } }`, port, upstream)
	os.WriteFile(filepath.Join(dir, "vite.config.mjs"), []byte(conf), 0o600)
	return exec.Command("npx", "--prefix", os.Getenv("VITE_DIR"), "vite", dir, "--config", filepath.Join(dir, "vite.config.mjs"))
}

func mitmCommand(dir, listen, upstream string) *exec.Cmd {
	host, port, _ := net.SplitHostPort(listen)
	return exec.Command("mitmdump", "-q", "--set", "confdir="+dir, "--listen-host", host, "-p", port, "--mode", "reverse:http://"+upstream, "-w", filepath.Join(dir, "flows"))
}

// process is a running peer.
type process struct {
	cmd  *exec.Cmd
	addr string
	dir  string
}

func start(p peer, upstream string) (*process, error) {
	dir, err := os.MkdirTemp("", "corsdash-bench-")
	if err != nil {
		return nil, err
	}
	proc := &process{dir: dir}
	if p.role != "" {
		self, err := os.Executable()
		if err != nil {
			return nil, err
		}
		proc.cmd = exec.Command(self)
		proc.cmd.Env = append(os.Environ(), "CORSDASH_BENCH_ROLE="+p.role, "CORSDASH_BENCH_UPSTREAM="+upstream)
		out, err := proc.cmd.StdoutPipe()
		if err != nil {
			return nil, err
		}
		if err := proc.cmd.Start(); err != nil {
			return nil, err
		}
		proc.addr, err = bufio.NewReader(out).ReadString('\n')
		proc.addr = strings.TrimSpace(proc.addr)
		return proc, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	proc.addr = l.Addr().String()
	l.Close()
	proc.cmd = p.command(dir, proc.addr, upstream)
	if err := proc.cmd.Start(); err != nil {
		return nil, err
	}
	return proc, proc.ready()
}

// ready waits until the peer answers.
func (p *process) ready() error {
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		nc, err := net.Dial("tcp", p.addr)
		if err == nil {
			nc.Close()
			return nil
		}
	}
	p.stop()
	return fmt.Errorf("does not listen on %s", p.addr)
}

func (p *process) stop() {
	p.cmd.Process.Signal(os.Interrupt)
	done := make(chan struct{})
	go func() { p.cmd.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(3 * time.Second):
		p.cmd.Process.Kill()
		<-done
	}
	os.RemoveAll(p.dir)
}

// cpu is the CPU time the process tree has used, from /proc.
func (p *process) cpu() (total time.Duration) {
	for _, pid := range tree(p.cmd.Process.Pid) {
		data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			continue
		}
		fields := strings.Fields(string(data[strings.LastIndexByte(string(data), ')')+1:]))
		if len(fields) < 14 {
			continue
		}
		user, _ := strconv.Atoi(fields[11])
		system, _ := strconv.Atoi(fields[12])
		total += time.Duration(user+system) * 10 * time.Millisecond // USER_HZ is 100
	}
	return total
}

func (p *process) rss() (mb int) {
	for _, pid := range tree(p.cmd.Process.Pid) {
		data, _ := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
		var size, resident int
		fmt.Sscan(string(data), &size, &resident)
		mb += resident * os.Getpagesize() >> 20
	}
	return mb
}

// tree lists a process and its descendants.
func tree(pid int) []int {
	pids := []int{pid}
	if runtime.GOOS != "linux" {
		return pids
	}
	data, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	for _, s := range strings.Fields(string(data)) {
		if child, err := strconv.Atoi(s); err == nil {
			pids = append(pids, tree(child)...)
		}
	}
	return pids
}
