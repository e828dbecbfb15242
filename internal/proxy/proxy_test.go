package proxy_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/internal/proxy"
)

const (
	forwarded = "X-Forwarded-For"
	client    = "203.0.113.7"
	other     = "198.51.100.1"
)

func trust(t *testing.T, header string, trusted ...string) proxy.Trust {
	t.Helper()
	one, err := proxy.Parse(trusted, header)
	if err != nil {
		t.Fatal(err)
	}
	return one
}

func request(peer string, header http.Header) *http.Request {
	return &http.Request{RemoteAddr: peer, Header: header}
}

// Nobody is believed unless the header is named and its sender is listed.
func TestClient_WhoIsBelieved(t *testing.T) {
	t.Parallel()
	claims := http.Header{forwarded: {client}, "X-Real-Ip": {other}, "Forwarded": {"for=" + other}}
	for name, tc := range map[string]struct {
		header  string
		trusted []string
		peer    string
		want    string
	}{
		"nothing set":              {"", nil, "127.0.0.1:4000", "127.0.0.1"},
		"a header, nobody trusted": {forwarded, nil, "127.0.0.1:4000", "127.0.0.1"},
		"trusted":                  {forwarded, []string{"127.0.0.0/8"}, "127.0.0.1:4000", client},
		"in other letters":         {"x-forwarded-for", []string{"127.0.0.0/8"}, "127.0.0.1:4000", client},
		"the other header":         {"X-Real-IP", []string{"127.0.0.1"}, "127.0.0.1:4000", other},
		"another peer":             {forwarded, []string{"127.0.0.1"}, "127.0.0.2:4000", "127.0.0.2"},
		"IPv4 in IPv6":             {forwarded, []string{"10.0.0.0/8"}, "[::ffff:10.1.2.3]:4000", client},
		"IPv6":                     {forwarded, []string{"fd00::/8"}, "[fd00::1]:4000", client},
		"IPv6 with a zone":         {forwarded, []string{"fe80::/10"}, "[fe80::1%eth0]:4000", client},
		"a unix socket":            {forwarded, []string{"unix"}, "@", client},
		"a unix socket, unasked":   {forwarded, []string{"127.0.0.1"}, "@", "unix"},
		"no header of that name":   {"X-Client", []string{"127.0.0.1"}, "127.0.0.1:4000", "127.0.0.1"},
	} {
		if got, fault := trust(t, tc.header, tc.trusted...).Client(request(tc.peer, claims)); got != tc.want || fault != "" {
			t.Errorf("%s: %q %q, want %q", name, got, fault, tc.want)
		}
	}
}

// The list counts from its end, over trusted proxies. What is before that, a caller may
// have written.
func TestAddresses_CountFromTheEnd(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		lines []string
		want  string // of both: a request's own address, and that of a gateway's caller
		fault proxy.Fault
		near  string // of a request whose header is at fault
	}{
		"one":                        {lines: []string{client}, want: client},
		"claimed before it":          {lines: []string{other + ", " + client}, want: client},
		"no spaces":                  {lines: []string{other + "," + client}, want: client},
		"over a proxy":               {lines: []string{other + ", " + client + ", 10.0.0.2"}, want: client},
		"over two, two lines":        {lines: []string{other + ", " + client, "10.0.0.2, 10.0.0.3"}, want: client},
		"a claim to be a proxy":      {lines: []string{"10.0.0.9, " + client}, want: client},
		"proxies only":               {lines: []string{"10.0.0.4, 10.0.0.2"}, want: "10.0.0.4"},
		"with a port":                {lines: []string{client + ":55"}, want: client},
		"a proxy with a port":        {lines: []string{client + ":55, 10.0.0.2:443"}, want: client},
		"brackets":                   {lines: []string{"[2001:db8::1]"}, want: "2001:db8::1"},
		"brackets and a port":        {lines: []string{"[2001:db8::1]:443"}, want: "2001:db8::1"},
		"IPv6":                       {lines: []string{"2001:DB8::1"}, want: "2001:db8::1"},
		"IPv4 in IPv6":               {lines: []string{"::ffff:" + client}, want: client},
		"with a zone":                {lines: []string{"fe80::1%eth0"}, want: "fe80::1"},
		"unreadable before it":       {lines: []string{"unknown, " + client}, want: client},
		"unreadable":                 {lines: []string{"unknown"}, fault: proxy.Unreadable, near: "127.0.0.1"},
		"unreadable at the end":      {lines: []string{client + ", unknown"}, fault: proxy.Unreadable, near: "127.0.0.1"},
		"unreadable behind a proxy":  {lines: []string{client + ", _hidden, 10.0.0.2"}, fault: proxy.Unreadable, near: "10.0.0.2"},
		"an empty end":               {lines: []string{client + ","}, fault: proxy.Unreadable, near: "127.0.0.1"},
		"an IPv4 in brackets":        {lines: []string{"[" + client + "]"}, fault: proxy.Unreadable, near: "127.0.0.1"},
		"half a bracket":             {lines: []string{"[::1"}, fault: proxy.Unreadable, near: "127.0.0.1"},
		"a port that is none":        {lines: []string{client + ":http"}, fault: proxy.Unreadable, near: "127.0.0.1"},
		"a range":                    {lines: []string{client + "/24"}, fault: proxy.Unreadable, near: "127.0.0.1"},
		"a header of another kind":   {lines: []string{"for=" + client}, fault: proxy.Unreadable, near: "127.0.0.1"},
		"nothing":                    {fault: proxy.Missing, near: "127.0.0.1"},
		"empty":                      {lines: []string{" "}, fault: proxy.Missing, near: "127.0.0.1"},
		"as many as a header can be": {lines: []string{strings.Repeat("10.0.0.2,", 1500) + client}, want: client},
	} {
		own := trust(t, forwarded, "127.0.0.1", "10.0.0.0/8")
		r := request("127.0.0.1:4000", http.Header{forwarded: tc.lines})
		want, fault := tc.want, tc.fault
		if want == "" {
			want = tc.near
		}
		if fault == proxy.Missing {
			fault = "" // a proxy may call for itself
		}
		if got, f := own.Client(r); got != want || f != fault {
			t.Errorf("%s: the request came from %q %q, want %q %q", name, got, f, want, fault)
		}
		want, fault = tc.want, tc.fault
		if strings.HasPrefix(want, "10.") {
			want, fault = "", proxy.Missing // nobody blocks a proxy of one's own
		}
		if got, f := own.Claimed(r); got != want || f != fault {
			t.Errorf("%s: the gateway's caller came from %q %q, want %q %q", name, got, f, want, fault)
		}
	}
}

// A gateway proves itself by its credential, so its address need not be listed.
func TestClaimed_NeedsNoTrustedPeerButANamedHeader(t *testing.T) {
	t.Parallel()
	r := request("192.0.2.9:4000", http.Header{forwarded: {client}, "X-Real-Ip": {other}})
	for header, want := range map[string]string{"": "", forwarded: client, "X-Real-IP": other} {
		if got, fault := trust(t, header).Claimed(r); got != want || fault != "" {
			t.Errorf("%q: %q %q, want %q", header, got, fault, want)
		}
	}
}

func TestParse_SaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		trusted []string
		header  string
		want    string
	}{
		"no header":                {[]string{"10.0.0.1"}, "", "--trusted-proxies needs --client-address-header"},
		"no header for a socket":   {[]string{"unix"}, "", "--trusted-proxies needs --client-address-header"},
		"a name":                   {[]string{"nginx"}, forwarded, `"nginx" is no address`},
		"a port":                   {[]string{"10.0.0.1:80"}, forwarded, "is no address"},
		"an address in a range":    {[]string{"10.0.0.1/8"}, forwarded, "write 10.0.0.0/8 for the range, or 10.0.0.1 for the address"},
		"everyone":                 {[]string{"0.0.0.0/0"}, forwarded, "everyone could claim any"},
		"everyone in IPv6":         {[]string{"::/0"}, forwarded, "everyone could claim any"},
		"IPv4 in IPv6":             {[]string{"::ffff:10.0.0.1"}, forwarded, "write it as IPv4"},
		"no name of a header":      {nil, "X Forwarded", "is not the name of a header"},
		"a header in another form": {nil, "forwarded", "let the proxy set X-Forwarded-For"},
		"a credential":             {nil, "x-api-key", "holds something else than an address"},
	} {
		if _, err := proxy.Parse(tc.trusted, tc.header); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v, want %q", name, err, tc.want)
		}
	}
	for name, trusted := range map[string][]string{"none": nil, "empty ones": {"", " "}, "a word more": {" unix ", " 10.0.0.0/8"}} {
		if _, err := proxy.Parse(trusted, forwarded); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
