//! A tool, as the service sees it: a key, assertions, tokens.

use std::sync::atomic::{AtomicU64, Ordering};

use agsctl::keys::ToolKey;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use crate::jwt;

/// The claim of an assertion that narrows its token to a deployment (AGS 8).
pub const DEPLOYMENT: &str = "https://purl.imsglobal.org/spec/lti/claim/deployment_id";
/// Manage line items.
pub const LINEITEM: &str = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem";
/// Read line items.
pub const LINEITEM_READONLY: &str = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem.readonly";
/// Read results.
pub const RESULT_READONLY: &str = "https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly";
/// Post scores.
pub const SCORE: &str = "https://purl.imsglobal.org/spec/lti-ags/scope/score";

/// A registered tool.
pub struct Tool {
    /// Its client id.
    pub client_id: String,
    /// Its key.
    pub key: ToolKey,
}

/// A client assertion that a test may spoil before it is signed.
pub struct Assertion {
    /// The header.
    pub header: Header,
    /// The claims.
    pub claims: Value,
    key: EncodingKey,
}

static SERIAL: AtomicU64 = AtomicU64::new(0);

/// The form with which a token is asked for.
pub fn token_form<'a>(assertion: &'a str, scope: &'a str) -> [(&'static str, &'a str); 4] {
    [
        ("grant_type", "client_credentials"),
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
        ("client_assertion", assertion),
        ("scope", scope),
    ]
}

impl Tool {
    /// The tool's key set with its one key changed.
    pub fn jwks_with(&self, change: impl FnOnce(&mut Value)) -> String {
        let mut set = serde_json::from_str(&self.key.jwks()).unwrap_or(Value::Null);
        change(&mut set["keys"][0]);
        set.to_string()
    }

    /// An assertion that is valid at `now`.
    pub fn assertion(&self, audience: &str, now: i64) -> Assertion {
        let header = Header { kid: Some(self.key.kid.clone()), ..Header::new(Algorithm::RS256) };
        let claims = json!({
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": audience,
            "iat": now,
            "exp": now + 60,
            "jti": format!("jti-{}", SERIAL.fetch_add(1, Ordering::Relaxed)),
        });
        Assertion { header, claims, key: self.key.private.clone() }
    }
}

impl Assertion {
    /// Sets a claim, or takes it out with null.
    pub fn claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        let claims = self.claims.as_object_mut().expect("claims are an object");
        match value.into() {
            Value::Null => claims.remove(name),
            value => claims.insert(name.to_owned(), value),
        };
        self
    }

    /// Changes the header.
    pub fn header(mut self, change: impl FnOnce(&mut Header)) -> Self {
        change(&mut self.header);
        self
    }

    /// Signs with another key than the tool's.
    pub fn key(mut self, key: EncodingKey) -> Self {
        self.key = key;
        self
    }

    /// The compact JWS.
    pub fn sign(&self) -> String {
        jsonwebtoken::encode(&self.header, &self.claims, &self.key).expect("the key fits the algorithm")
    }

    /// The same with RS256 and these members in the header, which may be ill-typed.
    pub fn sign_with_header(&self, members: &Value) -> String {
        let mut header = json!({ "alg": "RS256", "kid": self.header.kid });
        for (name, value) in members.as_object().expect("an object") {
            header[name] = value.clone();
        }
        self.sign_texts(&header.to_string(), &self.claims.to_string())
    }

    /// The same with RS256 and exactly these texts as header and claims.
    pub fn sign_texts(&self, header: &str, claims: &str) -> String {
        self.sign_message(&jwt::encoded(header, claims))
    }

    /// Anything, and a signature over it with RS256.
    pub fn sign_message(&self, message: &str) -> String {
        let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &self.key, Algorithm::RS256);
        format!("{message}.{}", signature.expect("an RSA key"))
    }
}
