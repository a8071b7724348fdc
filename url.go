package copytaster

import (
	"net/url"
	"slices"
	"strings"
)

// tracking holds query parameters that name the way a reader came, never the page; a trailing * stands for any ending.
var tracking = []string{"utm_*", "fbclid", "gclid", "dclid", "msclkid", "yclid", "igshid", "mc_cid", "mc_eid", "at_medium", "at_campaign",
	"at_custom*", "at_link_*", "at_format", "at_ptr_name", "at_bbc_team", "cmpid", "ns_campaign", "ns_mchannel", "ns_source", "ns_linkname", "ns_fee", "ref_src", "smid",
	"smtyp", "emc", "ftag", "ocid", "xtor", "wt_mc", "wt_zmc", "traffic_source", "source_rss", "_hsenc", "_hsmi", "mkt_tok", "sr_share", "guccounter", "ito", "echobox", "feedtype", "feedname"}

// CanonicalURL writes an http or https address in one way for all its spellings that lead to one article: lower-case scheme and host, no
// default port, no fragment, no tracking parameters, the others sorted, no mobile or AMP form of host and path, no slash at the end. http
// becomes https. Anything else, and what does not parse, comes back trimmed and otherwise as it is.
func CanonicalURL(s string) string {
	s = strings.TrimSpace(s)
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return s
	}
	u.User, u.Fragment, u.RawFragment = nil, "", ""
	u.Host = canonicalHost(u.Host)
	if u.Port() == "" {
		u.Scheme = "https"
	}
	u.Path, u.RawPath = canonicalPath(u.Path), canonicalPath(u.RawPath)
	q := u.Query()
	for k := range q {
		if isTracking(k) || k == "amp" || k == "outputType" && q.Get(k) == "amp" {
			q.Del(k)
		}
	}
	u.RawQuery, u.ForceQuery = q.Encode(), false
	return u.String()
}

// canonicalHost lowers the host and drops a default port and the labels of mobile and AMP editions.
func canonicalHost(host string) string {
	host = strings.ToLower(host)
	return settle(host, func(h string) string {
		h = strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(h, "."), ":80"), ":443")
		for _, label := range []string{"www.", "amp.", "m.", "mobile."} {
			if rest, ok := strings.CutPrefix(h, label); ok && strings.Contains(rest, ".") {
				h = rest
			}
		}
		return h
	})
}

// canonicalPath drops AMP segments at either end and the slash at the end.
func canonicalPath(p string) string {
	return settle(p, func(p string) string {
		p = strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(p, "/"), "/amp"), ".amp")
		if rest, ok := strings.CutPrefix(p, "/amp/"); ok {
			p = "/" + rest
		}
		return p
	})
}

// settle applies f until it changes nothing more.
func settle(s string, f func(string) string) string {
	for {
		next := f(s)
		if next == s {
			return s
		}
		s = next
	}
}

func isTracking(key string) bool {
	key = strings.ToLower(key)
	return slices.ContainsFunc(tracking, func(t string) bool {
		prefix, wild := strings.CutSuffix(t, "*")
		return key == t || wild && strings.HasPrefix(key, prefix)
	})
}
