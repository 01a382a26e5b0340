package jar

import "strings"

// suffixes are public suffixes of more than one label: names under which
// everybody can have one. This is not the whole list of publicsuffix.org,
// which has ten thousand entries and would have to be kept up to date; it is
// the registries of several large countries and the hosts of previews and
// tunnels that developers meet. A suffix that is missing makes two of its
// customers look like one site; nothing else depends on it.
var suffixes = words(`
	co.uk org.uk me.uk ac.uk gov.uk net.uk com.au net.au org.au edu.au gov.au co.nz org.nz net.nz govt.nz
	co.jp ne.jp or.jp ac.jp go.jp co.kr or.kr go.kr com.cn net.cn org.cn gov.cn edu.cn com.tw org.tw com.hk com.sg
	co.in net.in org.in gov.in ac.in com.br net.br org.br gov.br com.ar com.mx org.mx com.co com.pe com.tr com.ua
	com.pl co.za org.za co.il org.il co.id or.id com.my com.ph com.vn co.th com.eg com.sa com.pk com.ng com.es
	co.at or.at com.pt com.gr com.ru

	github.io githubpreview.dev app.github.dev gitlab.io bitbucket.io vercel.app now.sh vercel.dev netlify.app
	pages.dev workers.dev web.app firebaseapp.com herokuapp.com onrender.com fly.dev up.railway.app deno.dev
	azurewebsites.net azurestaticapps.net cloudapp.azure.com azurefd.net cloudfront.net elasticbeanstalk.com
	execute-api.us-east-1.amazonaws.com s3.amazonaws.com on.aws awsapprunner.com amplifyapp.com a.run.app run.app
	appspot.com ngrok.io ngrok.app ngrok.dev ngrok-free.app ngrok-free.dev loca.lt lhr.life trycloudflare.com
	serveo.net tunnelmole.net devtunnels.ms gitpod.io stackblitz.io webcontainer.io csb.app codesandbox.io
	replit.dev repl.co glitch.me surge.sh supabase.co supabase.in render.com blogspot.com wordpress.com
	myshopify.com sharepoint.com oraclecloudapps.com digitaloceanspaces.com ondigitalocean.app sslip.io nip.io
`)

func words(list string) map[string]bool {
	set := make(map[string]bool)
	for _, word := range strings.Fields(list) {
		set[word] = true
	}
	return set
}

// IsSuffix reports whether a name is a public suffix: a single label, or one
// of a short list.
func IsSuffix(name string) bool {
	return !strings.Contains(name, ".") || suffixes[name]
}

// Site is what cookies call the same site, without the scheme: the registrable
// domain, or the host itself when it is an address or a single label.
func Site(host string) string {
	host = strings.TrimSuffix(host, ".")
	if isIP(host) {
		return host
	}
	site := host
	for rest := host; ; {
		_, after, ok := strings.Cut(rest, ".")
		if !ok {
			break
		}
		if suffixes[after] || !strings.Contains(after, ".") {
			site = rest
			break
		}
		rest = after
	}
	if suffixes[host] {
		return host
	}
	return site
}

// Relate says how two sites go together: those of the page's and the request's
// scheme and host.
func Relate(pageScheme, pageHost, scheme, host string) Relation {
	switch {
	case pageHost != host && Site(pageHost) != Site(host):
		return Cross
	case plainScheme(pageScheme) != plainScheme(scheme):
		return Schemeful
	}
	return Same
}

// plainScheme: a WebSocket has the site of the page it belongs to.
func plainScheme(s string) string {
	switch s {
	case "ws":
		return "http"
	case "wss":
		return "https"
	}
	return s
}
