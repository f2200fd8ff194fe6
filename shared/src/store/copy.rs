//! The copy of a course (AGS 73), in steps that may be repeated.
//!
//! # Protocol
//!
//! Tool by tool, in the order of their keys: its place, then its links that are copied, each together with its coupled line
//! item, then its other line items. Each is put only where there is nothing yet, under an id that is made of the old one,
//! the new context and the new link; so whatever is done again changes nothing, does not undo what has been changed in the
//! copy since, and does not bring back what was deleted there, as long as its row is there.
//!
//! A page ends after [`STEPS`] tools, links and line items. What it names as the next position is what it has done last.

use std::collections::{BTreeSet, HashMap};

use super::client::within;
use super::keys::Key;
use super::line_items::live_line_item_from;
use super::links::link_from;
use super::{Store, StoreError};
use crate::domain::{
    ClientId, ContextId, LineItem, LineItemId, LinkMap, ResourceLink, ResourceLinkId, Timestamp,
};
use crate::outgoing::TRIES;

/// How many tools, links and line items a page looks at together.
const STEPS: usize = 100;

/// What is copied where.
#[derive(Debug, Clone, Copy)]
pub struct CourseCopy<'a> {
    /// The old context.
    pub from: &'a ContextId,
    /// The new one.
    pub to: &'a ContextId,
    /// The links that are copied.
    pub links: &'a LinkMap,
}

/// What is before this has been copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyPosition {
    /// The tool.
    pub tool: ClientId,
    /// How far it has come.
    pub stage: CopyStage,
}

/// How far the copy of what one tool has has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CopyStage {
    /// To its links after this one.
    Links(Option<ResourceLinkId>),
    /// To its line items after this one.
    LineItems(Option<LineItemId>),
}

/// A link, and what it has become.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopiedLink {
    /// The tool.
    pub client: ClientId,
    /// The old link.
    pub from: ResourceLinkId,
    /// The new one.
    pub to: ResourceLinkId,
}

/// What a page has copied, or found copied.
#[derive(Debug, Default)]
pub struct CopyPage {
    /// The links.
    pub links: Vec<CopiedLink>,
    /// The line items, each with what it has become.
    pub line_items: Vec<(LineItemId, LineItemId)>,
    /// Where it goes on, if it does.
    pub next: Option<CopyPosition>,
}

/// A page under way.
struct Work<'a> {
    copy: CourseCopy<'a>,
    now: Timestamp,
    page: CopyPage,
    steps: usize,
}

impl Store {
    /// Copies what tools have in a context, a bounded part with each call: see the protocol above. Both contexts must be
    /// there.
    ///
    /// # Errors
    /// [`StoreError`]; the same call again is safe.
    pub async fn course_copy(
        &self,
        copy: CourseCopy<'_>,
        at: Option<CopyPosition>,
        now: Timestamp,
    ) -> Result<CopyPage, StoreError> {
        let mut work = Work { copy, now, page: CopyPage::default(), steps: STEPS };
        work.page.next = within(2, Box::pin(self.tools_copy(&mut work, at))).await?;
        Ok(work.page)
    }

    /// Where it goes on, if it does; and so do those below.
    async fn tools_copy(
        &self,
        work: &mut Work<'_>,
        at: Option<CopyPosition>,
    ) -> Result<Option<CopyPosition>, StoreError> {
        let mut after = at.as_ref().map(|at| at.tool.clone());
        if let Some(CopyPosition { tool, stage }) = at
            && let Some(stage) = self.tool_copy(work, &tool, stage).await?
        {
            return Ok(Some(CopyPosition { tool, stage }));
        }
        loop {
            let tools = self.guest_list(work.copy.from, after.as_ref(), STEPS).await?;
            for tool in tools.entries {
                if let Some(stage) = self.tool_copy(work, &tool, CopyStage::Links(None)).await? {
                    return Ok(Some(CopyPosition { tool, stage }));
                }
                after = Some(tool);
            }
            if !tools.more {
                return Ok(None);
            }
        }
    }

    async fn tool_copy(
        &self,
        work: &mut Work<'_>,
        tool: &ClientId,
        mut stage: CopyStage,
    ) -> Result<Option<CopyStage>, StoreError> {
        if work.steps == 0 {
            return Ok(Some(stage));
        }
        work.steps -= 1;
        // A tool that was taken out of the old context gets no place in the new one, nor what it had.
        let Some(placement) = self.placement_fetch(work.copy.from, tool).await? else { return Ok(None) };
        self.placement_add(work.copy.to, tool, &placement).await?;
        if let CopyStage::Links(after) = stage {
            if let Some(next) = self.links_copy(work, tool, after).await? {
                return Ok(Some(next));
            }
            stage = CopyStage::LineItems(None);
        }
        match stage {
            CopyStage::LineItems(after) => self.line_items_copy(work, tool, after).await,
            CopyStage::Links(_) => Ok(None),
        }
    }

    async fn links_copy(
        &self,
        work: &mut Work<'_>,
        tool: &ClientId,
        mut after: Option<ResourceLinkId>,
    ) -> Result<Option<CopyStage>, StoreError> {
        while work.steps > 0 {
            let links = self.link_list(work.copy.from, tool, after.as_ref(), work.steps).await?;
            work.steps -= links.entries.len();
            for link in links.entries {
                if let Some(to) = work.copy.links.get(&link.id) {
                    self.link_copy(work, tool, &link, to).await?;
                }
                after = Some(link.id);
            }
            if !links.more {
                return Ok(None);
            }
        }
        Ok(Some(CopyStage::Links(after)))
    }

    async fn link_copy(
        &self,
        work: &mut Work<'_>,
        tool: &ClientId,
        link: &ResourceLink,
        to: &ResourceLinkId,
    ) -> Result<(), StoreError> {
        let CourseCopy { from: old, to: new, .. } = work.copy;
        let column = match link.line_item {
            Some(id) => {
                let key = Key::line_item(old, tool, id);
                self.fetch(&key).await?.map(|item| live_line_item_from(&key, item)).transpose()?.flatten()
            }
            None => None,
        };
        let mut made =
            ResourceLink { id: to.clone(), definition: link.definition.clone(), line_item: None, version: 1 };
        let coupled = column.as_ref().map(|column| column.in_copy(new, Some(&made)));
        made.line_item = coupled.as_ref().map(|column| column.id);
        let there = if self.link_write(new, tool, &made, None, coupled.as_ref(), work.now).await? {
            Some(made)
        } else {
            // The LMS has put it before, or an earlier copy has; or it was made, and deleted since.
            self.link_fetch(new, tool, to).await?
        };
        let Some(there) = there else { return Ok(()) };
        let copied = CopiedLink { client: tool.clone(), from: link.id.clone(), to: to.clone() };
        work.page.links.push(copied);
        if let (Some(from), Some(to)) = (column, there.line_item) {
            work.page.line_items.push((from.id, to));
        }
        Ok(())
    }

    async fn line_items_copy(
        &self,
        work: &mut Work<'_>,
        tool: &ClientId,
        mut after: Option<LineItemId>,
    ) -> Result<Option<CopyStage>, StoreError> {
        let CourseCopy { from, to, links } = work.copy;
        while work.steps > 0 {
            // Also those that the tool does not see, because their link is not gradable for now.
            let found = self.line_item_list_kept(from, tool, after, work.steps).await?;
            work.steps -= found.entries.len();
            let there = found.entries.iter().filter(|kept| kept.deleted_at.is_none());
            // Coupled ones went with their links.
            let entries: Vec<_> = there.map(|kept| &kept.line_item).filter(|item| !item.coupled).collect();
            let becomes = |item: &LineItem| links.get(item.resource_link.as_ref()?);
            let wanted = entries.iter().filter_map(|item| becomes(item)).collect();
            let made = self.links_of(to, tool, wanted).await?;
            for item in entries {
                let link = becomes(item).and_then(|link| made.get(link));
                if item.resource_link.is_none() || link.is_some() {
                    self.line_item_copy(work, tool, item, link).await?;
                }
            }
            after = found.entries.last().map(|kept| kept.line_item.id).or(after);
            if !found.more {
                return Ok(None);
            }
        }
        Ok(Some(CopyStage::LineItems(after)))
    }

    async fn line_item_copy(
        &self,
        work: &mut Work<'_>,
        tool: &ClientId,
        item: &LineItem,
        link: Option<&ResourceLink>,
    ) -> Result<(), StoreError> {
        let context = work.copy.to;
        let mut link = link.cloned();
        for _ in 0..TRIES {
            let copied = item.in_copy(context, link.as_ref());
            let key = Key::line_item(context, tool, copied.id);
            if let Some(row) = self.fetch(&key).await? {
                if live_line_item_from(&key, row)?.is_some() {
                    work.page.line_items.push((item.id, copied.id));
                }
                return Ok(());
            }
            if self.line_item_create(context, tool, &copied, work.now).await? {
                work.page.line_items.push((item.id, copied.id));
                return Ok(());
            }
            // The LMS has changed or removed the link since it was read.
            let Some(id) = &copied.resource_link else { return Ok(()) };
            link = self.link_fetch(context, tool, id).await?;
            if link.is_none() {
                return Ok(());
            }
        }
        Err(StoreError::Unavailable("a link changed again and again".to_owned()))
    }

    /// Those of these links of a tool that there are.
    async fn links_of(
        &self,
        context: &ContextId,
        tool: &ClientId,
        ids: BTreeSet<&ResourceLinkId>,
    ) -> Result<HashMap<ResourceLinkId, ResourceLink>, StoreError> {
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let keys: Vec<_> = ids.into_iter().map(|id| Key::link(context, tool, id)).collect();
        let mut rows = self.batch_fetch(keys.clone()).await?;
        let found = keys.iter().filter_map(|key| Some((key, rows.remove(&key.pair())?)));
        found.map(|(key, row)| link_from(key, row).map(|link| (link.id.clone(), link))).collect()
    }
}
