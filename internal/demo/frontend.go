package demo

import (
	"embed"
	"encoding/json"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// page is the demo's page for real browsers: no framework, nothing from
// elsewhere.
//
//go:embed page
var page embed.FS

// pageConfig is what the page needs to know (GET /scenarios.json).
type pageConfig struct {
	API       string     `json:"api"`     // where to ask, unless ?api= says otherwise
	Proxied   bool       `json:"proxied"` // API is the proxy
	Speed     float64    `json:"speed"`
	Scenarios []Scenario `json:"scenarios"`
}

func (d *Demo) newFrontend() *http.Server {
	files, _ := fs.Sub(page, "page")
	mux := http.NewServeMux()
	mux.Handle("GET /", http.FileServerFS(files))
	mux.HandleFunc("GET /demo.html", func(w http.ResponseWriter, r *http.Request) {
		http.ServeFileFS(w, r, files, "index.html")
	})
	mux.HandleFunc("GET /scenarios.json", d.serveConfig)
	return &http.Server{
		Handler: onLocalhost(mux), ReadHeaderTimeout: 10 * time.Second,
		ErrorLog: slog.NewLogLogger(d.log.Handler(), slog.LevelDebug),
	}
}

func (d *Demo) serveConfig(w http.ResponseWriter, r *http.Request) {
	direct, _ := reachable(d.backendURL) // it listens on loopback, so it is
	config := pageConfig{API: direct, Speed: d.clock.speed, Scenarios: scenarios}
	if api := d.api.Load(); api != nil {
		config.Proxied = *api != config.API
		config.API = *api
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	json.NewEncoder(w).Encode(config)
}

// onLocalhost sends visitors of 127.0.0.1 to localhost, the origin that the
// backend allows.
func onLocalhost(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, port, err := net.SplitHostPort(r.Host)
		switch {
		case err == nil && host == "localhost":
			next.ServeHTTP(w, r)
		case err == nil && net.ParseIP(host).IsLoopback():
			http.Redirect(w, r, "http://localhost:"+port+r.URL.RequestURI(), http.StatusFound)
		default:
			http.Error(w, "this page is for this machine only", http.StatusForbidden)
		}
	})
}
