//! Signatures that are bent, without the key.

use ags_tests::{SCORE, jwt};
use bigdecimal::num_bigint::BigUint;
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use jsonwebtoken::Algorithm;
use serde_json::{Value, json};

use super::{Victim, split};

/// The order of P-256.
const ORDER: &str = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";

/// An RSA key of 1024 bits: its modulus, and the exponent that signs.
const SHORT: [&str; 2] = [
    "c69372120c43458612b83dcfd8e11ffb335333dd526935af4313c011e2151fb491ed85f28e21fa34918ca70a4eb4a7808e8892c577f3ff7590e79927dfff312c479578ce2281d96724bdd53624a9026dd50b9f21378e311cb9a81830a769a40eb4f38d5cde5afc681e28c6fe5d2ae5822d89dccdbc043f21b02f3f3b9a81a293",
    "80e475d76724473d566b469be1ef869dbbdbd6bf62ddad9dfc51168bc50ee70c82e804d8c30f24e3f851ae9f0f254dd031344ee8640af9972b1e59183bd9dde4f5034f96c5018a4a6fb2e7beb4ba72fdd95ada1f9d10376fae2cc385e0b69cf90778bfaa2abbdca51918f7d2f9e3ec165660286b3dfa7f360ba36761b0eb9521",
];

fn number(hex: &str) -> BigUint {
    BigUint::parse_bytes(hex.as_bytes(), 16).unwrap()
}

fn signature(assertion: &str) -> Vec<u8> {
    BASE64URL_NOPAD.decode(split(assertion)[2].as_bytes()).unwrap()
}

/// The assertion with another signature.
fn with_signature(assertion: &str, signature: &[u8]) -> String {
    let [header, claims, _] = split(assertion);
    format!("{header}.{claims}.{}", BASE64URL_NOPAD.encode(signature))
}

/// A number in so many bytes.
fn bytes<const N: usize>(number: &BigUint) -> [u8; N] {
    let digits = number.to_bytes_be();
    let mut bytes = [0; N];
    bytes[N - digits.len()..].copy_from_slice(&digits);
    bytes
}

/// What PKCS #1 v1.5 makes of a message before the key comes in, in so many bytes.
fn padded<const N: usize>(message: &str) -> [u8; N] {
    const SHA_256: &str = "3031300d060960864801650304020105000420";
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, message.as_bytes());
    let mut padded = [255; N];
    let end = [&[0], &HEXLOWER.decode(SHA_256.as_bytes()).unwrap()[..], digest.as_ref()].concat();
    padded[..2].copy_from_slice(&[0, 1]);
    padded[N - end.len()..].copy_from_slice(&end);
    padded
}

fn integer(number: &[u8]) -> Vec<u8> {
    let sign: &[u8] = if number[0] >= 0x80 { &[0] } else { &[] };
    [&[2, u8::try_from(number.len() + sign.len()).unwrap()], sign, number].concat()
}

async fn ec_victim() -> Victim {
    Victim::with_ec_key(Algorithm::ES256).await
}

#[tokio::test]
async fn a_payload_that_was_changed_under_its_signature_is_refused_ags_143() {
    let victim = Victim::new().await;
    victim.world.tool("other").await;
    let (genuine, now) = (victim.assertion().sign(), victim.world.clock.seconds());
    let other = jwt::tampered(&jwt::tampered(&genuine, "sub", "other"), "iss", "other");
    let exp = jwt::tampered(&genuine, "exp", now + 3600);
    victim.withstands("invalid_client", [exp, jwt::tampered(&genuine, "jti", "another"), other]).await;
}

#[tokio::test]
async fn a_header_that_was_changed_under_its_signature_is_refused_ags_143() {
    let victim = Victim::new().await;
    let genuine = victim.assertion().sign();
    let header = json!({ "alg": "RS256", "kid": victim.tool.key.kid, "more": 1 });
    let message = jwt::signing_input(&header, &victim.assertion().claims);
    victim.withstands("invalid_client", [format!("{message}.{}", split(&genuine)[2])]).await;
}

#[tokio::test]
async fn a_signature_that_is_missing_short_long_or_of_another_assertion_is_refused_ags_143() {
    let victim = Victim::new().await;
    let genuine = victim.assertion().sign();
    let own = signature(&genuine);
    let other = signature(&victim.assertion().claim("exp", victim.world.clock.seconds() + 61).sign());
    let padded = [&[0], &own[..]].concat();
    let bent = [&[][..], &own[1..], &own[..255], &padded, &[0; 256], &[255; 256], &[0; 1], &other];
    let forgeries = bent.map(|signature| with_signature(&genuine, signature));
    victim.withstands("invalid_client", forgeries).await;
}

/// The same number to the modulus, and another text (RFC 8017 §8.2.2: a signature is less than the modulus).
#[tokio::test]
async fn an_rsa_signature_plus_the_modulus_is_refused_ags_143() {
    let victim = Victim::new().await;
    let set: Value = serde_json::from_str(&victim.tool.key.jwks()).unwrap();
    let modulus = BASE64URL_NOPAD.decode(set["keys"][0]["n"].as_str().unwrap().as_bytes()).unwrap();
    let modulus = BigUint::from_bytes_be(&modulus);
    // One that fits into the same length is rarer, and more dangerous.
    let shifted = |more: u32| {
        let assertion = victim.assertion().claim("more", more).sign();
        let sum = BigUint::from_bytes_be(&signature(&assertion)) + &modulus;
        (sum.bits() <= 2048).then(|| with_signature(&assertion, &bytes::<256>(&sum)))
    };
    let same_length = (0..1_000).find_map(shifted).expect("a signature that is small enough");
    let assertion = victim.assertion().sign();
    let sum = BigUint::from_bytes_be(&signature(&assertion)) + modulus;
    let longer = with_signature(&assertion, &bytes::<257>(&sum));
    victim.withstands("invalid_client", [same_length, longer]).await;
}

/// The signature is right; the key is too short, and stands in a set with a good one.
#[tokio::test]
async fn an_rsa_key_of_1024_bits_signs_nothing_ags_135() {
    let victim = Victim::new().await;
    let [modulus, exponent] = SHORT.map(number);
    let n = BASE64URL_NOPAD.encode(&bytes::<128>(&modulus));
    let short = json!({ "kty": "RSA", "kid": "short", "use": "sig", "n": n, "e": "AQAB" });
    let both = victim.tool.jwks_with(|_| {}).replace("]}", &format!(",{short}]}}"));
    victim.register_keys(&both).await;
    let assertion = victim.assertion().header(|header| header.kid = Some("short".to_owned())).sign();
    let message = BigUint::from_bytes_be(&padded::<128>(assertion.rsplit_once('.').unwrap().0));
    let signature = message.modpow(&exponent, &modulus);
    assert_eq!(signature.modpow(&65_537_u32.into(), &modulus), message);
    victim.withstands("invalid_client", [with_signature(&assertion, &bytes::<128>(&signature))]).await;
}

/// With the exponent 1 a signature is the padded digest itself: whoever can hash can sign.
#[tokio::test]
async fn an_rsa_key_with_the_exponent_1_signs_nothing_ags_135() {
    let victim = Victim::new().await;
    let weak = victim.tool.jwks_with(|key| key["e"] = json!("AQ"));
    let good = victim.tool.jwks_with(|key| key["kid"] = json!("good"));
    let keys = weak.replace("]}", &format!(",{}", good.replace(r#"{"keys":["#, "")));
    victim.register_keys(&keys).await;
    let genuine = victim.assertion().sign();
    let padded = padded::<256>(genuine.rsplit_once('.').unwrap().0);
    victim.refuses(&with_signature(&genuine, &padded), "invalid_client", "the digest itself").await;
    victim.get_in(&victim.assertion().header(|header| header.kid = Some("good".to_owned())).sign()).await;
}

/// CVE-2022-21449: for some verifiers zero signs everything.
#[tokio::test]
async fn an_ecdsa_signature_of_zeros_is_refused_ags_143() {
    let victim = ec_victim().await;
    let genuine = victim.assertion().sign();
    let own = signature(&genuine);
    let bent = [vec![0; 64], [&own[..32], &[0; 32]].concat(), [&[0; 32], &own[32..]].concat(), vec![]];
    victim.withstands("invalid_client", bent.map(|bent| with_signature(&genuine, &bent))).await;
}

#[tokio::test]
async fn an_ecdsa_signature_out_of_range_is_refused_ags_143() {
    let victim = ec_victim().await;
    let genuine = victim.assertion().sign();
    let (own, order) = (signature(&genuine), bytes::<32>(&number(ORDER)));
    let bent = [
        [&order[..], &own[32..]].concat(),
        [&own[..32], &order[..]].concat(),
        [&order[..], &order[..]].concat(),
        vec![255; 64],
    ];
    victim.withstands("invalid_client", bent.map(|bent| with_signature(&genuine, &bent))).await;
}

#[tokio::test]
async fn an_ecdsa_signature_in_another_encoding_is_refused_ags_143() {
    let victim = ec_victim().await;
    let genuine = victim.assertion().sign();
    let own = signature(&genuine);
    let numbers = [integer(&own[..32]), integer(&own[32..])].concat();
    let der = [&[0x30, u8::try_from(numbers.len()).unwrap()], &numbers[..]].concat();
    let padded = [&[0], &own[..32], &[0], &own[32..]].concat();
    let bent = [der, padded, own[..63].to_vec(), [&own[..], &[0]].concat()];
    victim.withstands("invalid_client", bent.map(|bent| with_signature(&genuine, &bent))).await;
}

/// Whoever has seen an assertion can make a second signature of it (`n − s` for `s`), and gains nothing.
#[tokio::test]
async fn the_second_form_of_an_ecdsa_signature_is_a_replay_ags_141() {
    let victim = ec_victim().await;
    let genuine = victim.assertion().sign();
    let own = signature(&genuine);
    let s = BigUint::from_bytes_be(&own[32..]);
    let second = with_signature(&genuine, &[&own[..32], &bytes::<32>(&(number(ORDER) - s))].concat());
    victim.get_in(&genuine).await;
    let answer = victim.world.request_token(&second, SCORE).await;
    assert_eq!(answer.refusal(), "invalid_client");
    assert_eq!(answer.json()["error_description"], "the assertion was used before");
}
