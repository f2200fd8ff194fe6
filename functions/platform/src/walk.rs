//! Grades in lists: of a course, of a link, of a line item, of one user in a course; all of them, or what has changed.
//!
//! The last page carries `changes`: a URL that lists, later, what may have changed since the walk began. It goes back a
//! little further than that, because the clocks of functions differ, and a write may show after one that began later: so
//! every change is listed, and some twice.

use ags_shared::domain::{ContextId, LmsContextId, Timestamp, UserId};
use ags_shared::http::{Lms, Problem, Query, ReadPlatform, Rest, listing};
use ags_shared::services::Services;
use ags_shared::store::{
    FoundGrade, GradePage, GradePosition, GradeQuery, GradeScope, LineItemRef, StoreError,
};
use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};

use crate::cursor;
use crate::grades::Sent;
use crate::place::{CourseLinkPlace, CoursePlace, ItemPlace};

/// How much further back changes are listed than the walk before began, in nanoseconds: 5 minutes.
const OVERLAP: i64 = 5 * 60 * 1_000_000_000;

/// A walk: what it lists, and how far it has come. Instants are nanoseconds since 1970.
#[derive(Clone, Serialize, Deserialize)]
struct Walk {
    limit: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<i64>,
    /// `None` where it has yet to begin.
    #[serde(skip_serializing_if = "Option::is_none")]
    began: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<Place>,
}

/// The last place that it has been to.
#[derive(Clone, Serialize, Deserialize)]
struct Place {
    client: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    item: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<String>,
}

impl From<&GradePosition> for Place {
    fn from(position: &GradePosition) -> Self {
        Self {
            client: position.client.to_string(),
            item: position.item.map(|id| id.to_string()),
            user: position.user.as_ref().map(ToString::to_string),
        }
    }
}

impl Place {
    fn position(&self) -> Option<GradePosition> {
        Some(GradePosition {
            client: self.client.parse().ok()?,
            item: self.item.as_ref().map(|id| id.parse()).transpose().ok()?,
            user: self.user.as_ref().map(|user| user.parse()).transpose().ok()?,
        })
    }
}

/// The nearest instant that fits.
fn nanos(instant: Timestamp) -> i64 {
    let nanos = instant.unix_nanos();
    i64::try_from(nanos).unwrap_or(if nanos < 0 { i64::MIN } else { i64::MAX })
}

impl Walk {
    fn read(query: &Query) -> Result<Self, Problem> {
        if let Some(walk) = cursor::decode(query)? {
            return Ok(walk);
        }
        let since = query.value("since")?.map(str::parse::<Timestamp>).transpose();
        let since = since.map_err(|error| Problem::parameter("since", error))?;
        Ok(Self {
            limit: u16::try_from(query.limit()?.get()).unwrap_or(u16::MAX),
            user: query.value("user_id")?.map(str::to_owned),
            since: since.map(nanos),
            began: None,
            after: None,
        })
    }
}

/// What is listed.
struct Listed<'a> {
    course: &'a LmsContextId,
    scope: GradeScope<'a>,
}

impl Listed<'_> {
    fn url(&self, services: &Services, walk: &Walk) -> String {
        let mut segments = vec!["contexts", self.course.as_str()];
        let id;
        match self.scope {
            GradeScope::Context | GradeScope::User(_) => {}
            GradeScope::Link(client, link) => {
                segments.extend(["tools", client.as_str(), "links", link.as_str()]);
            }
            GradeScope::LineItem(client, item) => {
                id = item.to_string();
                segments.extend(["tools", client.as_str(), "lineitems", &id]);
            }
        }
        segments.push("grades");
        format!("{}?cursor={}", services.links.platform(&segments), cursor::encode(walk))
    }

    /// Whether there is such a thing; and if not, what is missing.
    async fn missing(
        &self,
        services: &Services,
        context: &ContextId,
    ) -> Result<Option<&'static str>, StoreError> {
        let store = &services.store;
        let (found, what) = match self.scope {
            GradeScope::Context | GradeScope::User(_) => {
                (store.context_fetch(context).await?.is_some(), "context")
            }
            GradeScope::Link(client, link) => {
                (store.link_fetch(context, client, link).await?.is_some(), "link")
            }
            GradeScope::LineItem(client, id) => {
                let kept = store.line_item_kept(&LineItemRef { context, client, id }).await?;
                (kept.is_some_and(|kept| kept.deleted_at.is_none()), "line item")
            }
        };
        Ok((!found).then_some(what))
    }

    async fn page(&self, services: &Services, mut walk: Walk) -> Result<Response, Problem> {
        let refused = || Problem::parameter("cursor", "must be taken unchanged from a next link");
        let began = walk.began.unwrap_or_else(|| nanos(services.now()));
        walk.began = Some(began);
        let after = walk.after.as_ref().map(|place| place.position().ok_or_else(refused)).transpose()?;
        let since = walk.since.map(|since| Timestamp::from_unix_nanos(since.into())).transpose();
        let context = ContextId::of(self.course);
        let query = GradeQuery {
            context: &context,
            scope: self.scope,
            since: since.map_err(|_| refused())?,
            after: after.as_ref(),
            limit: walk.limit.clamp(1, 1_000).into(),
        };
        let (missing, page) =
            tokio::join!(self.missing(services, &context), services.store.grade_list(&query));
        if let Some(what) = missing? {
            return Err(Problem::missing(what));
        }
        let GradePage { entries, next } = page?;
        let on =
            |after: &GradePosition| self.url(services, &Walk { after: Some(after.into()), ..walk.clone() });
        let changes =
            Walk { since: Some(began.saturating_sub(OVERLAP)), began: None, after: None, ..walk.clone() };
        let rest = match &next {
            Some(after) => Rest::Next(on(after)),
            None => Rest::Complete(Some(self.url(services, &changes))),
        };
        let after = |last: &FoundGrade| {
            let FoundGrade { client, line_item, grade } = last;
            on(&GradePosition {
                client: client.clone(),
                item: Some(line_item.id),
                user: Some(grade.user.clone()),
            })
        };
        let (links, context) = (&services.links, &context);
        listing(
            &entries,
            |found| Sent::new(links, context, &found.client, &found.line_item, &found.grade),
            after,
            rest,
        )
    }
}

/// `GET /platform/contexts/{context}/grades`.
pub(crate) async fn of_context(
    State(services): State<Services>,
    _: Lms<ReadPlatform>,
    CoursePlace { course }: CoursePlace,
    query: Query,
) -> Result<Response, Problem> {
    let walk = Walk::read(&query)?;
    let user = walk.user.as_ref().map(|user| user.parse::<UserId>()).transpose();
    let user = user.map_err(|error| Problem::parameter("user_id", error))?;
    let scope = user.as_ref().map_or(GradeScope::Context, GradeScope::User);
    Listed { course: &course, scope }.page(&services, walk).await
}

/// `GET …/tools/{client}/links/{link}/grades`.
pub(crate) async fn of_link(
    State(services): State<Services>,
    _: Lms<ReadPlatform>,
    CourseLinkPlace { course, client, link }: CourseLinkPlace,
    query: Query,
) -> Result<Response, Problem> {
    let scope = GradeScope::Link(&client, &link);
    Listed { course: &course, scope }.page(&services, Walk::read(&query)?).await
}

/// `GET …/tools/{client}/lineitems/{item}/grades`.
pub(crate) async fn of_line_item(
    State(services): State<Services>,
    _: Lms<ReadPlatform>,
    ItemPlace { course, client, item }: ItemPlace,
    query: Query,
) -> Result<Response, Problem> {
    let scope = GradeScope::LineItem(&client, item);
    Listed { course: &course, scope }.page(&services, Walk::read(&query)?).await
}
