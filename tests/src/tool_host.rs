//! The web server of a tool, which publishes its key set, well or badly, and the names and certificates of its world.

use std::collections::VecDeque;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ags_shared::auth::jwks::KeyFetcher;
use ags_shared::config::KeyFetchConfig;
use aws_smithy_http_client::tls::TrustStore;
use aws_smithy_runtime_api::client::dns::{DnsFuture, ResolveDns, SharedDnsResolver};
use axum::http::Response;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use crate::process::patiently;

/// What the host sends to whoever asks.
#[derive(Debug, Clone)]
pub enum Reply {
    /// These bytes; then the connection ends.
    Bytes(Vec<u8>),
    /// These bytes, and then on and on.
    Endless(Vec<u8>),
    /// These bytes, each a good while after the one before.
    Drip(Vec<u8>),
    /// Nothing, before the host is told to go on; then the bytes.
    Held(Vec<u8>),
    /// In HTTP/2, instead of an answer, the end of the connection, and why in this text.
    GoAway(String),
}

/// An HTTP answer with a body.
pub fn http_reply(status: &str, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Vec<u8> {
    let fields: String = headers.iter().flat_map(|(name, value)| [*name, ": ", *value, "\r\n"]).collect();
    let length = body.as_ref().len();
    let head = format!("HTTP/1.1 {status}\r\n{fields}content-length: {length}\r\nconnection: close\r\n\r\n");
    [head.as_bytes(), body.as_ref()].concat()
}

struct Shared {
    reply: Mutex<Reply>,
    requests: watch::Sender<Vec<String>>,
    released: watch::Sender<bool>,
}

/// A host on a port of the loopback interface.
pub struct ToolHost {
    address: SocketAddr,
    state: Arc<Shared>,
    listening: tokio::task::JoinHandle<()>,
}

impl Drop for ToolHost {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

impl ToolHost {
    /// A host without TLS.
    pub async fn http() -> Self {
        Self::start(None).await
    }

    /// A host with a certificate of `authority` for `name`.
    pub async fn https(authority: &Authority, name: &str) -> Self {
        Self::start(Some(authority.acceptor(name, b"http/1.1"))).await
    }

    /// As [`https`](Self::https), and it speaks HTTP/2 alone. It sends the bodies of replies with bytes, and with status 200.
    pub async fn http2(authority: &Authority, name: &str) -> Self {
        Self::start(Some(authority.acceptor(name, b"h2"))).await
    }

    async fn start(tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let state = Arc::new(Shared {
            reply: Mutex::new(Reply::Bytes(http_reply("404 Not Found", &[], ""))),
            requests: watch::Sender::default(),
            released: watch::Sender::new(false),
        });
        let listening = tokio::spawn(serve(listener, tls, state.clone()));
        Self { address, state, listening }
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// From now on it sends this.
    pub fn replies(&self, reply: Reply) {
        *self.state.reply.lock().expect("nobody panics with it") = reply;
    }

    /// From now on it publishes this set, with these headers.
    pub fn publishes(&self, jwks: &str, headers: &[(&str, &str)]) {
        self.replies(Reply::Bytes(http_reply("200 OK", headers, jwks)));
    }

    /// From now on it refuses.
    pub fn fails(&self) {
        self.replies(Reply::Bytes(http_reply("500 Internal Server Error", &[], "")));
    }

    /// Every reply that was held goes out, and none is held any more.
    pub fn release(&self) {
        self.state.released.send_replace(true);
    }

    /// The requests that came so far: their heads.
    pub fn requests(&self) -> Vec<String> {
        self.state.requests.borrow().clone()
    }

    /// Waits until so many requests have come.
    pub async fn asked(&self, times: usize) {
        let mut requests = self.state.requests.subscribe();
        let came = requests.wait_for(|requests| requests.len() >= times);
        drop(patiently("a request to a tool's host", came).await.expect("a sender that lives"));
    }
}

async fn serve(listener: TcpListener, tls: Option<TlsAcceptor>, state: Arc<Shared>) {
    loop {
        let (stream, _) = listener.accept().await.expect("a connection");
        let (tls, state) = (tls.clone(), state.clone());
        tokio::spawn(async move {
            match tls {
                // Who does not trust the certificate goes away.
                Some(tls) => match tls.accept(stream).await {
                    Ok(stream) if stream.get_ref().1.alpn_protocol() == Some(b"h2") => {
                        answer_in_http2(stream, &state).await.map_err(std::io::Error::other)
                    }
                    Ok(stream) => answer(stream, &state).await,
                    Err(_) => Ok(()),
                },
                None => answer(stream, &state).await,
            }
        });
    }
}

async fn answer(mut stream: impl AsyncRead + AsyncWrite + Unpin, state: &Shared) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    state.requests.send_modify(|requests| requests.push(String::from_utf8_lossy(&head).into_owned()));
    let reply = state.reply.lock().expect("nobody panics with it").clone();
    match reply {
        Reply::Bytes(bytes) => stream.write_all(&bytes).await?,
        Reply::Endless(bytes) => {
            stream.write_all(&bytes).await?;
            loop {
                stream.write_all(&[b' '; 1_024]).await?;
            }
        }
        Reply::Drip(bytes) => {
            for byte in bytes {
                stream.write_all(&[byte]).await?;
                stream.flush().await?;
                tokio::time::sleep(Duration::from_millis(250)).await;
            }
        }
        Reply::GoAway(_) => panic!("only HTTP/2 has that"),
        Reply::Held(bytes) => {
            let mut released = state.released.subscribe();
            drop(released.wait_for(|released| *released).await.expect("a sender that lives"));
            stream.write_all(&bytes).await?;
        }
    }
    stream.shutdown().await
}

async fn answer_in_http2(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    state: &Shared,
) -> Result<(), h2::Error> {
    let go_away = match &*state.reply.lock().expect("nobody panics with it") {
        Reply::GoAway(why) => Some(why.clone()),
        _ => None,
    };
    if let Some(why) = go_away {
        // RFC 9113 §6.5 and §6.8: empty settings; then the last stream, an error code, and the text.
        let length = u32::try_from(why.len() + 8).expect("a short text").to_be_bytes();
        let frames =
            [&[0, 0, 0, 4, 0, 0, 0, 0, 0], &length[1..], &[7, 0, 0, 0, 0, 0], &[0; 7], &[11], why.as_bytes()];
        _ = stream.write_all(&frames.concat()).await;
        _ = stream.flush().await;
        // Until the other side goes.
        _ = tokio::io::copy(&mut stream, &mut tokio::io::sink()).await;
        return Ok(());
    }
    let mut connection = h2::server::handshake(stream).await?;
    while let Some(request) = connection.accept().await {
        let (request, mut respond) = request?;
        let head = format!("{} {}", request.method(), request.uri());
        state.requests.send_modify(|requests| requests.push(head));
        let reply = state.reply.lock().expect("nobody panics with it").clone();
        let Reply::Bytes(bytes) = reply else { panic!("say here how {reply:?} is sent in HTTP/2") };
        let text = String::from_utf8(bytes).expect("a text");
        let (_, body) = text.split_once("\r\n\r\n").expect("an HTTP answer");
        let mut sending = respond.send_response(Response::new(()), false)?;
        sending.send_data(body.to_owned().into(), true)?;
    }
    Ok(())
}

/// A certificate authority of the tests.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

impl Default for Authority {
    fn default() -> Self {
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::new(Vec::new()).expect("no names");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = params.self_signed(&key).expect("a certificate").pem();
        Self { issuer: Issuer::new(params, key), pem }
    }
}

impl Authority {
    /// What trusts it alone.
    pub fn trust(&self) -> TrustStore {
        TrustStore::empty().with_pem_certificate(self.pem.as_bytes())
    }

    /// Its certificate.
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// What speaks TLS as the host `name`, and `protocol` alone.
    pub fn acceptor(&self, name: &str, protocol: &[u8]) -> TlsAcceptor {
        let key = KeyPair::generate().expect("a key");
        let params = CertificateParams::new(vec![name.to_owned()]).expect("a name");
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate").der().clone();
        let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key);
        let mut config = config.expect("a certificate that fits its key");
        config.alpn_protocols = vec![protocol.to_vec()];
        TlsAcceptor::from(Arc::new(config))
    }
}

/// A name server that a test plays: it gives the next of its answers to each lookup, whatever the name, and the last one
/// for ever.
#[derive(Debug, Clone)]
pub struct Names(Arc<Mutex<Zone>>);

#[derive(Debug)]
struct Zone {
    answers: VecDeque<Vec<IpAddr>>,
    lookups: Vec<String>,
}

impl Names {
    /// A name server with these answers.
    pub fn answering(answers: &[&[&str]]) -> Self {
        let answer = |answer: &&[&str]| answer.iter().map(|ip| ip.parse().expect("an address")).collect();
        let answers = answers.iter().map(answer).collect();
        Self(Arc::new(Mutex::new(Zone { answers, lookups: Vec::new() })))
    }

    /// The names that were looked up.
    pub fn lookups(&self) -> Vec<String> {
        self.0.lock().expect("nobody panics with it").lookups.clone()
    }

    /// What fetches key sets by these names.
    pub fn fetcher(&self, config: KeyFetchConfig, trust: TrustStore) -> KeyFetcher {
        KeyFetcher::within(config, SharedDnsResolver::new(self.clone()), trust)
    }
}

impl ResolveDns for Names {
    fn resolve_dns<'a>(&'a self, name: &'a str) -> DnsFuture<'a> {
        let mut zone = self.0.lock().expect("nobody panics with it");
        zone.lookups.push(name.to_owned());
        let last = zone.answers.len() == 1;
        let answer = if last { zone.answers.front().cloned() } else { zone.answers.pop_front() };
        DnsFuture::ready(Ok(answer.unwrap_or_default()))
    }
}
