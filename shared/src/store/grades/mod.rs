//! Grades as the LMS reads them: of a whole context, a link or a line item, in pages that each take a bounded time.
//!
//! There is no one query for the grades of a context: they are in the partitions of its line items, and those in the
//! partitions of its tools. So a page walks from tool to line item to user until it is full or has made its queries, and
//! tells the last place that it has been to. A page may therefore be short, or empty, and not be the last.
//!
//! Of changes only, the table itself leaves out what has not changed, except where the line item has: then all its results
//! may read otherwise.

mod of_user;

use std::sync::Arc;

use aws_sdk_dynamodb::types::AttributeValue;

use crate::domain::{
    ClientId, ContextId, Grade, KeptLineItem, LineItem, LineItemId, PAGE_BYTES, ResourceLinkId, Timestamp,
    UserId,
};
use crate::store::client::within;
use crate::store::keys::{self, Key};
use crate::store::line_items::kept_line_item_from;
use crate::store::list::key_of;
use crate::store::results::{attribute, grade_from, weight};
use crate::store::{Item, LineItemRef, Store, StoreError};

/// The most queries that a page makes; each reads a megabyte at most.
const QUERIES: usize = 40;
/// How many line items of a tool one query reads where most belong to other links.
const READ_AHEAD: usize = 100;

/// A grade, and what it is about.
#[derive(Debug, Clone)]
pub struct FoundGrade {
    /// The tool.
    pub client: ClientId,
    /// The line item.
    pub line_item: Arc<LineItem>,
    /// The grade; of changes, also one that is not on record any more.
    pub grade: Grade,
}

/// A part of the grades, and where it goes on, if it does.
#[derive(Debug, Default)]
pub struct GradePage {
    /// In the order of tools, line items and users.
    pub entries: Vec<FoundGrade>,
    /// The last place that was looked at.
    pub next: Option<GradePosition>,
}

/// A place in that order: after a user on a line item, after a line item, or after a tool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GradePosition {
    /// The tool.
    pub client: ClientId,
    /// The line item; `None` after the last of the tool.
    pub item: Option<LineItemId>,
    /// The user; `None` after the last of the line item.
    pub user: Option<UserId>,
}

/// Whose grades are wanted.
#[derive(Debug, Clone, Copy)]
pub enum GradeScope<'a> {
    /// All of the context.
    Context,
    /// All line items of a link.
    Link(&'a ClientId, &'a ResourceLinkId),
    /// One line item.
    LineItem(&'a ClientId, LineItemId),
    /// One user's in the context.
    User(&'a UserId),
}

/// Which grades are wanted, and how many.
#[derive(Debug, Clone, Copy)]
pub struct GradeQuery<'a> {
    /// The context.
    pub context: &'a ContextId,
    /// Whose.
    pub scope: GradeScope<'a>,
    /// Only what may have changed since.
    pub since: Option<Timestamp>,
    /// The place to go on after.
    pub after: Option<&'a GradePosition>,
    /// The most entries.
    pub limit: usize,
}

impl GradeQuery<'_> {
    fn since_nanos(&self) -> Option<AttributeValue> {
        self.since.map(|since| AttributeValue::N(since.unix_nanos().to_string()))
    }

    fn has_changed(&self, kept: &KeptLineItem) -> bool {
        self.since.is_some_and(|since| kept.changed_at.is_some_and(|at| at >= since.unix_nanos()))
    }

    /// Whether the table's own filter would let the row through.
    fn has_new(&self, row: &Item) -> bool {
        let nanos = |name| row.get(name)?.as_n().ok()?.parse::<i128>().ok();
        let times = [attribute::RECEIVED_AT, attribute::DECIDED_AT].map(nanos);
        self.since.is_some_and(|since| times.into_iter().flatten().any(|at| at >= since.unix_nanos()))
    }
}

impl Store {
    /// Grades on line items that are not deleted: of all that is on record, or of what may have changed.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn grade_list(&self, query: &GradeQuery<'_>) -> Result<GradePage, StoreError> {
        if let GradeScope::User(user) = query.scope {
            return within(2, Box::pin(self.grades_of_user(query, user))).await;
        }
        let mut walk = Walk {
            store: self,
            query,
            queries: QUERIES,
            bytes: 0,
            page: GradePage { entries: Vec::new(), next: query.after.cloned() },
        };
        let end = within(2, Box::pin(walk.run())).await?;
        let mut page = walk.page;
        if end == End::Complete {
            page.next = None;
        }
        Ok(page)
    }
}

/// How a walk ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// There is nothing more.
    Complete,
    /// The page is full, or has made its queries.
    Paused,
}

/// A page in the making; `next` of it is the last place that the walk has been to.
struct Walk<'a> {
    store: &'a Store,
    query: &'a GradeQuery<'a>,
    queries: usize,
    bytes: usize,
    page: GradePage,
}

impl Walk<'_> {
    async fn run(&mut self) -> Result<End, StoreError> {
        let after = self.query.after;
        let (item, user) = after.map_or((None, None), |after| (after.item, after.user.as_ref()));
        match self.query.scope {
            GradeScope::Context | GradeScope::User(_) => {
                if let Some(after) = after.filter(|after| after.item.is_some())
                    && self.tool(&after.client, item, user).await? == End::Paused
                {
                    return Ok(End::Paused);
                }
                self.tools(after.map(|after| after.client.clone())).await
            }
            GradeScope::Link(client, _) => self.tool(client, item, user).await,
            GradeScope::LineItem(client, id) => self.one(client, id, user).await,
        }
    }

    /// All tools after the tool `after`.
    async fn tools(&mut self, mut after: Option<ClientId>) -> Result<End, StoreError> {
        loop {
            if self.queries == 0 {
                return Ok(End::Paused);
            }
            self.queries -= 1;
            let page = self.store.guest_list(self.query.context, after.as_ref(), QUERIES).await?;
            for client in &page.entries {
                if self.tool(client, None, None).await? == End::Paused {
                    return Ok(End::Paused);
                }
            }
            if !page.more {
                return Ok(End::Complete);
            }
            after = page.entries.last().cloned();
        }
    }

    /// What a tool has after the line item `after`, and on that one itself after the user `user`.
    async fn tool(
        &mut self,
        client: &ClientId,
        mut after: Option<LineItemId>,
        user: Option<&UserId>,
    ) -> Result<End, StoreError> {
        if let (Some(id), Some(_)) = (after, user)
            && self.one(client, id, user).await? == End::Paused
        {
            return Ok(End::Paused);
        }
        let (link, read) = match self.query.scope {
            GradeScope::Link(_, link) => (Some(link), READ_AHEAD),
            // Each takes at least one query more.
            _ => (None, self.queries.max(1)),
        };
        loop {
            if self.queries == 0 {
                return Ok(End::Paused);
            }
            self.queries -= 1;
            let partition = keys::placed(self.query.context, client);
            let query = self.store.stretch(&partition, keys::line_item_prefix());
            let start = after.map(|id| Key::line_item(self.query.context, client, id).into_attributes());
            let read = i32::try_from(read).unwrap_or(i32::MAX);
            let answer = query.limit(read).set_exclusive_start_key(start).send().await?;
            for item in answer.items.unwrap_or_default() {
                let key = key_of(&item, &partition)?;
                let kept = kept_line_item_from(&key, item)?;
                let id = kept.line_item.id;
                let is_wanted = link.is_none_or(|link| kept.line_item.resource_link.as_ref() == Some(link));
                if is_wanted && self.results(client, kept, None).await? == End::Paused {
                    return Ok(End::Paused);
                }
                self.page.next = Some(GradePosition { client: client.clone(), item: Some(id), user: None });
                after = Some(id);
            }
            if answer.last_evaluated_key.is_none() {
                self.page.next = Some(GradePosition { client: client.clone(), item: None, user: None });
                return Ok(End::Complete);
            }
        }
    }

    /// One line item after the user `user`, if it is there.
    async fn one(
        &mut self,
        client: &ClientId,
        id: LineItemId,
        user: Option<&UserId>,
    ) -> Result<End, StoreError> {
        self.queries -= 1;
        let reference = LineItemRef { context: self.query.context, client, id };
        match self.store.line_item_kept(&reference).await? {
            Some(kept) => self.results(client, kept, user).await,
            None => Ok(End::Complete),
        }
    }

    /// The results of a line item after the user `after`; none of a deleted one.
    async fn results(
        &mut self,
        client: &ClientId,
        kept: KeptLineItem,
        after: Option<&UserId>,
    ) -> Result<End, StoreError> {
        if kept.deleted_at.is_some() {
            return Ok(End::Complete);
        }
        let since = self.query.since_nanos().filter(|_| !self.query.has_changed(&kept));
        let (id, line_item) = (kept.line_item.id, Arc::new(kept.line_item));
        let partition = keys::results(id);
        let mut start = after.map(|user| Key::result(id, user).into_attributes());
        loop {
            let left = self.query.limit.saturating_sub(self.page.entries.len());
            if left == 0 || self.queries == 0 || self.bytes > PAGE_BYTES {
                return Ok(End::Paused);
            }
            self.queries -= 1;
            let query = self.store.stretch(&partition, keys::result_prefix()).set_exclusive_start_key(start);
            let query = match &since {
                None => query.limit(i32::try_from(left).unwrap_or(i32::MAX)),
                Some(since) => query
                    .filter_expression("#received_at >= :since OR #decided_at >= :since")
                    .expression_attribute_names("#received_at", attribute::RECEIVED_AT)
                    .expression_attribute_names("#decided_at", attribute::DECIDED_AT)
                    .expression_attribute_values(":since", since.clone()),
            };
            let answer = query.send().await?;
            let been =
                |user: UserId| GradePosition { client: client.clone(), item: Some(id), user: Some(user) };
            for row in answer.items.unwrap_or_default() {
                if self.page.entries.len() == self.query.limit || self.bytes > PAGE_BYTES {
                    return Ok(End::Paused);
                }
                let grade = grade_from(&key_of(&row, &partition)?, row)?;
                self.page.next = Some(been(grade.user.clone()));
                if self.query.since.is_some() || grade.is_on_record() {
                    self.bytes += weight(&grade);
                    let (client, line_item) = (client.clone(), Arc::clone(&line_item));
                    self.page.entries.push(FoundGrade { client, line_item, grade });
                }
            }
            let Some(last) = answer.last_evaluated_key else { return Ok(End::Complete) };
            // Beyond the last row that came, where the filter has left out the rest.
            let key = key_of(&last, &partition)?;
            self.page.next = Some(been(keys::user_of(&key)?));
            start = Some(last);
        }
    }
}
