//! What KMS writes in DER, in the forms of JOSE.

use der::asn1::{AnyRef, BitStringRef, UintRef};
use der::{Reader, SliceReader};

/// The bytes of a number on P-256.
const NUMBER: usize = 32;
/// What says that a key is a point on P-256: `id-ecPublicKey` and `prime256v1` (RFC 5480 §2.1.1).
const ON_P256: [u8; 19] = [6, 7, 42, 134, 72, 206, 61, 2, 1, 6, 8, 42, 134, 72, 206, 61, 3, 1, 7];

/// The JOSE form of an ECDSA signature on P-256 (RFC 7518 §3.4), both numbers at full length, from its DER form (RFC 3279
/// §2.2.3). `None` unless it is exactly two positive numbers that fit, in canonical DER, and nothing else.
pub(crate) fn jose_signature(der: &[u8]) -> Option<[u8; 2 * NUMBER]> {
    let (r, s): (UintRef<'_>, UintRef<'_>) = pair(der)?;
    let mut jose = [0; 2 * NUMBER];
    for (number, half) in [r, s].iter().zip(jose.chunks_exact_mut(NUMBER)) {
        let digits = number.as_bytes();
        let zeros = NUMBER.checked_sub(digits.len())?;
        if digits.iter().all(|digit| *digit == 0) {
            return None;
        }
        half[zeros..].copy_from_slice(digits);
    }
    Some(jose)
}

/// The point that a public key on P-256 is (RFC 5480 §2). `None` for a key of any other kind.
pub(crate) fn p256_point(info: &[u8]) -> Option<&[u8]> {
    let (algorithm, point): (AnyRef<'_>, BitStringRef<'_>) = pair(info)?;
    point.as_bytes().filter(|_| algorithm.value() == ON_P256)
}

/// A sequence of two, and nothing after it.
fn pair<'a, A, B>(der: &'a [u8]) -> Option<(A, B)>
where
    A: der::Decode<'a, Error = der::Error>,
    B: der::Decode<'a, Error = der::Error>,
{
    let mut reader = SliceReader::new(der).ok()?;
    let pair = reader.sequence(|inner| Ok::<_, der::Error>((A::decode(inner)?, B::decode(inner)?))).ok()?;
    reader.finish().ok()?;
    Some(pair)
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
    use aws_lc_rs::rand::SystemRandom;
    use aws_lc_rs::signature::{
        ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P256_SHA256_FIXED, ECDSA_P256K1_SHA256_ASN1_SIGNING,
        EcdsaKeyPair, KeyPair, UnparsedPublicKey,
    };

    /// A sequence of two numbers, of which each is given with its length.
    fn sequence(numbers: [&[u8]; 2]) -> Vec<u8> {
        let length = |bytes: &[u8]| u8::try_from(bytes.len()).unwrap();
        let content: Vec<u8> =
            numbers.iter().flat_map(|number| [&[2, length(number)], *number].concat()).collect();
        [&[0x30, length(&content)], content.as_slice()].concat()
    }

    fn halves(jose: [u8; 64]) -> (Vec<u8>, Vec<u8>) {
        (jose[..32].to_vec(), jose[32..].to_vec())
    }

    fn padded(digits: &[u8]) -> Vec<u8> {
        [vec![0; 32 - digits.len()], digits.to_vec()].concat()
    }

    #[test]
    fn short_numbers_are_padded_and_long_ones_lose_the_zero_of_their_sign() {
        let full = [0x7F; 32];
        let high = [&[0][..], &[0xFF; 32]].concat();
        for (number, digits) in [
            (&[1][..], &[1][..]),
            (&[0, 0x80], &[0x80]),
            (&full[..31], &full[..31]),
            (&full, &full),
            (&high, &high[1..]),
        ] {
            let expected = (padded(digits), padded(&[5]));
            assert_eq!(jose_signature(&sequence([number, &[5]])).map(halves), Some(expected), "{number:x?}");
            let expected = (padded(&[5]), padded(digits));
            assert_eq!(jose_signature(&sequence([&[5], number])).map(halves), Some(expected), "{number:x?}");
        }
    }

    #[test]
    fn a_number_that_is_zero_negative_padded_or_too_long_is_none() {
        for wrong in [
            &[][..],
            &[0],
            &[0, 0],
            &[0x80],
            &[0xFF, 1],
            &[0, 1],
            &[0, 0, 0x80],
            &[0x7F; 33],
            &[&[0][..], &[0xFF; 33]].concat(),
        ] {
            assert_eq!(jose_signature(&sequence([wrong, &[5]])), None, "r {wrong:x?}");
            assert_eq!(jose_signature(&sequence([&[5], wrong])), None, "s {wrong:x?}");
        }
    }

    #[test]
    fn what_is_not_exactly_two_numbers_in_canonical_der_is_none() {
        let good = sequence([&[5], &[6]]);
        assert!(jose_signature(&good).is_some());
        for (what, wrong) in [
            ("nothing", vec![]),
            ("a byte after it", [&good[..], &[0]].concat()),
            ("the last byte missing", good[..good.len() - 1].to_vec()),
            ("another tag", [&[0x31], &good[1..]].concat()),
            ("a long form of a short length", [&[0x30, 0x81, 6], &good[2..]].concat()),
            ("an indefinite length", [&[0x30, 0x80], &good[2..], &[0, 0]].concat()),
            ("one number", vec![0x30, 3, 2, 1, 5]),
            ("three numbers", vec![0x30, 9, 2, 1, 5, 2, 1, 6, 2, 1, 7]),
            ("a string in the place of a number", vec![0x30, 6, 4, 1, 5, 2, 1, 6]),
            ("a longer number than there is", vec![0x30, 6, 2, 1, 5, 2, 2, 6]),
            ("the fixed form itself", vec![5; 64]),
        ] {
            assert_eq!(jose_signature(&wrong), None, "{what}");
        }
    }

    #[test]
    fn signatures_of_every_length_verify_in_their_fixed_form() {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
        let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, pair.public_key().as_ref());
        let mut lengths = std::collections::BTreeSet::new();
        for number in 0..2_000_u32 {
            let message = number.to_be_bytes();
            let der = pair.sign(&SystemRandom::new(), &message).unwrap();
            lengths.insert(der.as_ref().len());
            public.verify(&message, &jose_signature(der.as_ref()).unwrap()).unwrap();
        }
        assert!(lengths.len() >= 3, "{lengths:?}");
    }

    #[test]
    fn a_public_key_is_a_point_on_p256_and_on_no_other_curve() {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
        let der = AsDer::<PublicKeyX509Der<'_>>::as_der(pair.public_key()).unwrap();
        assert_eq!(p256_point(der.as_ref()), Some(pair.public_key().as_ref()));
        assert_eq!(p256_point(&[der.as_ref(), &[0]].concat()), None, "a byte after it");
        // Its points are as long.
        let other = EcdsaKeyPair::generate(&ECDSA_P256K1_SHA256_ASN1_SIGNING).unwrap();
        let der = AsDer::<PublicKeyX509Der<'_>>::as_der(other.public_key()).unwrap();
        assert_eq!(p256_point(der.as_ref()), None);
    }
}
