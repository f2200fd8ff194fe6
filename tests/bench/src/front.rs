//! TLS before the engine, as DynamoDB has it, and the instant at which a function first says something through it.

use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use ags_tests::Authority;
use tempfile::NamedTempFile;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy, split};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// What the machine trusts, where the usual distributions keep it. Reading all of it is a part of each cold start.
const BUNDLES: [&str; 2] = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"];

/// A port with TLS that leads to the engine.
pub(crate) struct Front {
    endpoint: String,
    trusted: NamedTempFile,
    first: Arc<Mutex<Option<Instant>>>,
}

impl Front {
    /// Before the engine at `address`.
    pub(crate) async fn of(address: String) -> Self {
        let authority = Authority::default();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let first = Arc::new(Mutex::new(None));
        tokio::spawn(serve(listener, authority.acceptor("localhost", b"http/1.1"), address, first.clone()));
        let machine = BUNDLES.iter().find_map(|path| std::fs::read_to_string(path).ok()).unwrap_or_default();
        let trusted = NamedTempFile::new().expect("a file");
        std::fs::write(trusted.path(), machine + authority.pem()).expect("a file");
        Self { endpoint: format!("https://localhost:{port}"), trusted, first }
    }

    /// For `AWS_ENDPOINT_URL_DYNAMODB`.
    pub(crate) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// For `SSL_CERT_FILE`: the authorities of the machine, and that of this port.
    pub(crate) fn trusted(&self) -> &Path {
        self.trusted.path()
    }

    /// Forgets what came so far.
    pub(crate) fn listen(&self) {
        *self.first.lock().expect("nobody panics with it") = None;
    }

    /// When the first byte of a call came since then.
    pub(crate) fn first(&self) -> Option<Instant> {
        *self.first.lock().expect("nobody panics with it")
    }
}

async fn serve(listener: TcpListener, tls: TlsAcceptor, address: String, first: Arc<Mutex<Option<Instant>>>) {
    loop {
        let (stream, _) = listener.accept().await.expect("a connection");
        stream.set_nodelay(true).expect("a socket");
        let (tls, address, first) = (tls.clone(), address.clone(), first.clone());
        tokio::spawn(async move {
            // Who is killed while it connects is not missed.
            let Ok(stream) = tls.accept(stream).await else { return };
            let engine = TcpStream::connect(address).await.expect("the engine");
            engine.set_nodelay(true).expect("a socket");
            let (mut calls, mut answers) = split(stream);
            let (mut from_engine, mut to_engine) = engine.into_split();
            let there = async {
                let mut buffer = vec![0; 65_536];
                loop {
                    match calls.read(&mut buffer).await {
                        Ok(0) | Err(_) => break,
                        Ok(read) => {
                            first.lock().expect("nobody panics with it").get_or_insert_with(Instant::now);
                            if to_engine.write_all(&buffer[..read]).await.is_err() {
                                break;
                            }
                        }
                    }
                }
            };
            let back = copy(&mut from_engine, &mut answers);
            tokio::select! {
                () = there => {}
                _ = back => {}
            }
        });
    }
}
