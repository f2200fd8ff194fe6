//! The grades of one user in a context.

use std::collections::HashMap;
use std::sync::Arc;

use aws_sdk_dynamodb::types::AttributeValue;

use super::{FoundGrade, GradePage, GradePosition, GradeQuery};
use crate::domain::UserId;
use crate::store::keys::{self, GSI1, GSI1_PK, GSI1_SK, Key};
use crate::store::line_items::kept_line_item_from;
use crate::store::results::grade_from;
use crate::store::{Item, LineItemRef, Store, StoreError};

/// How many of a user's grades are read at once, each with its line item: a batch has 100 keys.
const BATCH: usize = 50;

impl Store {
    /// By the index, which names the line items: one query and one batch.
    pub(super) async fn grades_of_user(
        &self,
        query: &GradeQuery<'_>,
        user: &UserId,
    ) -> Result<GradePage, StoreError> {
        let text = AttributeValue::S;
        let context = query.context;
        let reference = |client, id| LineItemRef { context, client, id };
        let entry = |client, id| keys::index_of_results(&reference(client, id), user);
        let start =
            query.after.and_then(|after| after.item.map(|id| (&after.client, id))).map(|(client, id)| {
                let mut start = Key::result(id, user).into_attributes();
                start.extend(entry(client, id).map(|(name, value)| (name.to_owned(), text(value))));
                start
            });
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(GSI1)
            .key_condition_expression("#user = :user AND begins_with(#column, :context)")
            .expression_attribute_names("#user", GSI1_PK)
            .expression_attribute_names("#column", GSI1_SK)
            .expression_attribute_values(":user", text(keys::user(user)))
            .expression_attribute_values(":context", text(keys::index_prefix(context)))
            .limit(i32::try_from(query.limit.min(BATCH)).unwrap_or(i32::MAX))
            .set_exclusive_start_key(start)
            .send()
            .await?;
        let column = |item: &Item| {
            let column = item.get(GSI1_SK).and_then(|entry| entry.as_s().ok());
            let column = column.and_then(|entry| keys::column_in_index(entry));
            column.ok_or_else(|| StoreError::Corrupt {
                key: GSI1.to_owned(),
                reason: "an entry of a result names no line item".to_owned(),
            })
        };
        let columns = answer.items.unwrap_or_default().iter().map(column).collect::<Result<Vec<_>, _>>()?;
        let wanted: Vec<_> = columns
            .iter()
            .flat_map(|(_, client, id)| [Key::line_item(context, client, *id), Key::result(*id, user)])
            .collect();
        let mut found = if wanted.is_empty() { HashMap::new() } else { self.batch_fetch(wanted).await? };
        let mut take = |key: &Key| found.remove(&(key.pk.clone(), key.sk.clone()));
        let mut page = GradePage::default();
        for (_, client, id) in columns {
            let (line_item, row) = (Key::line_item(context, &client, id), Key::result(id, user));
            let (Some(kept), Some(grade)) = (take(&line_item), take(&row)) else { continue };
            let kept = kept_line_item_from(&line_item, kept)?;
            let may_have_changed = query.has_changed(&kept) || query.has_new(&grade);
            let grade = grade_from(&row, grade)?;
            let wanted = if query.since.is_some() { may_have_changed } else { grade.is_on_record() };
            if wanted && kept.deleted_at.is_none() {
                page.entries.push(FoundGrade { client, line_item: Arc::new(kept.line_item), grade });
            }
        }
        if let Some(last) = answer.last_evaluated_key {
            let (_, client, id) = column(&last)?;
            page.next = Some(GradePosition { client, item: Some(id), user: None });
        }
        Ok(page)
    }
}
