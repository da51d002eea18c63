//! Builds URLs under the configured base URL. Owns percent-encoding and the promise that no argument
//! can move a request out of the path it belongs to.

use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

use crate::error::Error;

/// Everything but the unreserved characters of RFC 3986. Connection ids may hold `/ | $ { }` and more.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What a path that is already encoded may still hold unencoded by mistake. `%` stays, so that an
/// encoded slash survives; `\` is encoded because URLs treat it like `/`.
const ENCODED_PATH: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// A base URL without a trailing slash, known to be http or https and free of user information.
#[derive(Debug, Clone)]
pub(crate) struct Base {
    url: Url,
}

impl Base {
    /// Checks a configured base URL. A path prefix is kept; a query or fragment is refused.
    pub(crate) fn new(mut url: Url) -> Result<Self, Error> {
        let refuse = |why| Err(Error::Configuration { why });
        if !matches!(url.scheme(), "http" | "https") {
            return refuse("the server URL must begin with http:// or https://");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return refuse("the server URL must not hold a user name or password");
        }
        if url.query().is_some() || url.fragment().is_some() {
            return refuse("the server URL must not hold a query or fragment");
        }
        let path = url.path().trim_end_matches('/').to_owned();
        url.set_path(&path);
        Ok(Self { url })
    }

    pub(crate) fn is_https(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// Whether the server runs on this machine, where a system-wide HTTP proxy has no business.
    pub(crate) fn is_loopback(&self) -> bool {
        match self.url.host() {
            Some(url::Host::Ipv4(address)) => address.is_loopback(),
            Some(url::Host::Ipv6(address)) => address.is_loopback(),
            Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            None => false,
        }
    }

    /// The URL of a path given as segments, each encoded as a whole.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] for a segment that is empty, `.` or `..`: no encoding protects those.
    pub(crate) fn segments(&self, segments: &[&str]) -> Result<Url, Error> {
        let mut path = String::from(self.prefix());
        for segment in segments {
            if segment.is_empty() || *segment == "." || *segment == ".." {
                return Err(Error::argument("an id is empty or consists of dots only"));
            }
            path.push('/');
            path.extend(utf8_percent_encode(segment, SEGMENT));
        }
        Ok(self.at(&path))
    }

    /// The URL of `/proxy/` and a path that is already encoded. A leading slash is optional.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] for a path with `.` or `..` segments in any spelling: they would
    /// climb out of `/proxy/` and address Nango itself with the caller's key.
    pub(crate) fn proxied(&self, path: &str) -> Result<Url, Error> {
        let path = path.strip_prefix('/').unwrap_or(path);
        if path.split(['/', '\\']).any(is_dots) {
            return Err(Error::argument("the path holds a segment of dots"));
        }
        let place = format!("{}/proxy/", self.prefix());
        let url = self.at(&format!("{place}{}", utf8_percent_encode(path, ENCODED_PATH)));
        if url.path().starts_with(&place) {
            Ok(url)
        } else {
            Err(Error::argument("the path leaves the proxy"))
        }
    }

    /// The websocket URL of a path the server named. Only the path is taken from it, so it cannot
    /// send the client to another host. A server behind a path prefix usually reports a path that
    /// does not know of it, so the prefix is put in front unless it is there already.
    pub(crate) fn websocket(&self, path: &str) -> Result<Url, Error> {
        let path = path.split(['?', '#']).next().unwrap_or("/").trim_start_matches('/');
        let prefix = self.prefix();
        let path = format!("/{path}");
        let path = if path.starts_with(&format!("{prefix}/")) { path } else { format!("{prefix}{path}") };
        let mut url = self.at(&path);
        let scheme = if self.is_https() { "wss" } else { "ws" };
        url.set_scheme(scheme).map_err(|()| Error::argument("the websocket URL cannot be built"))?;
        Ok(url)
    }

    fn prefix(&self) -> &str {
        self.url.path().trim_end_matches('/')
    }

    fn at(&self, path: &str) -> Url {
        let mut url = self.url.clone();
        url.set_path(path);
        url
    }
}

/// Adds a query member. Spaces become `%20` rather than `+`: through the proxy the query reaches
/// providers, and not all of them read a plus as a space.
pub(crate) fn append_query(url: &mut Url, name: &str, value: &str) {
    let member = format!("{}={}", utf8_percent_encode(name, SEGMENT), utf8_percent_encode(value, SEGMENT));
    let query = match url.query() {
        Some(query) if !query.is_empty() => format!("{query}&{member}"),
        _ => member,
    };
    url.set_query(Some(&query));
}

fn is_dots(segment: &str) -> bool {
    let plain = segment.to_ascii_lowercase().replace("%2e", ".");
    plain == "." || plain == ".."
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base(text: &str) -> Result<Base, Error> {
        Base::new(Url::parse(text).unwrap())
    }

    #[test]
    fn a_base_url_is_http_without_user_information() {
        for good in ["http://host", "https://host/", "https://host:8443/nango/", "http://[::1]:3003"] {
            assert!(base(good).is_ok(), "{good} is usable");
        }
        for bad in ["ftp://host", "https://user@host", "https://u:p@host/", "https://host/?a=b", "file:///x"]
        {
            assert!(matches!(base(bad), Err(Error::Configuration { .. })), "{bad} is not usable");
        }
    }

    #[test]
    fn segments_are_encoded_whole() {
        let check = |base_url: &str, segments: &[&str], expected: &str| {
            assert_eq!(base(base_url).unwrap().segments(segments).unwrap().as_str(), expected);
        };
        check("http://h:1", &["connections", "a b"], "http://h:1/connections/a%20b");
        check("http://h:1/n/", &["connections", "x/../y"], "http://h:1/n/connections/x%2F..%2Fy");
        check("http://h", &["c", "a|b${c}?#%"], "http://h/c/a%7Cb%24%7Bc%7D%3F%23%25");
        for dots in ["", ".", ".."] {
            assert!(
                base("http://h").unwrap().segments(&["c", dots]).is_err(),
                "{dots:?} cannot be addressed"
            );
        }
    }

    #[test]
    fn a_proxied_path_stays_in_its_place() {
        let base = base("http://h/n").unwrap();
        let check = |path: &str, expected: &str| {
            assert_eq!(base.proxied(path).unwrap().as_str(), expected);
        };
        check("/user", "http://h/n/proxy/user");
        check("v1/a%2Fb/c d?x#y", "http://h/n/proxy/v1/a%2Fb/c%20d%3Fx%23y");
        check("", "http://h/n/proxy/");
        check("//evil.example/x", "http://h/n/proxy//evil.example/x");
        for bad in ["../connections", "a/../../b", "%2e%2E/connections", "a/.%2e/b", "a\\..\\..\\b", "./x"] {
            assert!(base.proxied(bad).is_err(), "{bad} would leave /proxy/");
        }
    }

    #[test]
    fn a_websocket_path_cannot_change_the_host() {
        let check = |base_url: &str, path: &str, expected: &str| {
            assert_eq!(base(base_url).unwrap().websocket(path).unwrap().as_str(), expected);
        };
        check("http://h:1", "/", "ws://h:1/");
        check("https://h", "//evil.example/ws", "wss://h/evil.example/ws");
        check("https://h/n", "/", "wss://h/n/");
        check("https://h/n", "/n/socket", "wss://h/n/socket");
        check("https://h", "https://evil.example/", "wss://h/https://evil.example/");
    }
}
