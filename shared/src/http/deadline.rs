//! An answer in time, whatever the table does.

use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use tokio::time::timeout;

use super::Problem;
use crate::store::StoreError;

/// The same routes, each of which answers 503 when `time` is over. What it has begun then breaks off, as if its process had
/// died.
pub fn in_time(router: Router, time: Duration) -> Router {
    router.layer(from_fn(move |request: Request, next: Next| async move {
        let too_long = |_| Problem::from(StoreError::Unavailable("the request took too long".to_owned()));
        timeout(time, next.run(request)).await.map_err(too_long)
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use axum::routing::get;
    use tower::ServiceExt;

    #[tokio::test]
    async fn what_takes_too_long_is_answered_503() {
        let never = get(async || std::future::pending::<()>().await);
        let router = Router::new().route("/never", never).route("/fast", get(async || ()));
        let router = in_time(router, Duration::from_millis(20));
        for (path, status) in [("/never", 503), ("/fast", 200)] {
            let request = Request::builder().uri(path).body(Body::empty()).unwrap();
            let answer = router.clone().oneshot(request).await.unwrap();
            assert_eq!(answer.status(), status, "{path}");
        }
    }
}
