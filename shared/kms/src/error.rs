//! Which failures of KMS may pass.

use ags_shared::auth::SignError;
use aws_sdk_kms::config::http::HttpResponse;
use aws_sdk_kms::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};

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
    let text = DisplayErrorContext(error).to_string();
    if is_final { SignError::Refused(text) } else { SignError::Unavailable(text) }
}
