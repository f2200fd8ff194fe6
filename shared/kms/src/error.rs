//! Which failures of KMS may pass.

use ags_shared::auth::SignError;
use ags_shared::causes::causes;
use aws_sdk_kms::config::http::HttpResponse;
use aws_sdk_kms::error::{ProvideErrorMetadata, SdkError};

/// What KMS says with status 400 and another try may mend.
const THROTTLED: [&str; 3] = ["LimitExceededException", "ThrottlingException", "TooManyRequestsException"];

/// A call that failed after every try: KMS busy, failing or away may pass; what it refuses stays refused.
pub(crate) fn failed<E>(error: &SdkError<E, HttpResponse>) -> SignError
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let is_final = match error {
        SdkError::ConstructionFailure(_) => true,
        SdkError::ServiceError(refusal) => {
            let throttled = refusal.err().code().is_some_and(|code| THROTTLED.contains(&code));
            refusal.raw().status().is_client_error() && !throttled
        }
        _ => false,
    };
    let text = causes(error);
    if is_final { SignError::Refused(text) } else { SignError::Unavailable(text) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_kms::error::ErrorMetadata;
    use aws_sdk_kms::operation::sign;

    #[test]
    fn what_kms_cannot_do_now_may_pass_and_what_it_will_not_do_stays_refused() {
        for (status, code, may_pass) in [
            (400, "ThrottlingException", true),
            (400, "LimitExceededException", true),
            (400, "TooManyRequestsException", true),
            (500, "KMSInternalException", true),
            (500, "KeyUnavailableException", true),
            (503, "DependencyTimeoutException", true),
            (503, "", true),
            (400, "DisabledException", false),
            (400, "KMSInvalidStateException", false),
            (400, "NotFoundException", false),
            (400, "AccessDeniedException", false),
            (400, "InvalidKeyUsageException", false),
            (403, "", false),
        ] {
            let refusal = sign::SignError::generic(ErrorMetadata::builder().code(code).build());
            let raw = HttpResponse::new(u16::try_into(status).unwrap(), "".into());
            let failure = failed(&SdkError::service_error(refusal, raw));
            assert_eq!(matches!(failure, SignError::Unavailable(_)), may_pass, "{status} {code}");
        }
    }

    #[test]
    fn nothing_of_an_answer_that_cannot_be_read_reaches_the_log() {
        let raw = HttpResponse::new(u16::try_into(200).unwrap(), r#"{"Signature":"MEUC"}"#.into());
        let unreadable: SdkError<sign::SignError, _> = SdkError::response_error("no text", raw);
        let text = failed(&unreadable).to_string();
        assert!(text.contains("no text") && !text.contains("MEUC"), "{text}");
    }
}
