//! The table, as `infra/template.yaml` defines it: read from there, so that there is one definition.

use std::time::Duration;

use anyhow::Context;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::client::Waiters;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::create_table::CreateTableError;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, GlobalSecondaryIndex, KeySchemaElement, Projection, TimeToLiveSpecification,
    TimeToLiveStatus,
};
use serde::Deserialize;

/// AWS takes about ten seconds to make a table.
const PATIENCE: Duration = Duration::from_mins(5);

const TEMPLATE: &str = include_str!("../../template.yaml");

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Template {
    resources: Resources,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Resources {
    table: Resource,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Resource {
    properties: Properties,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Properties {
    billing_mode: String,
    attribute_definitions: Vec<Attribute>,
    key_schema: Vec<Element>,
    global_secondary_indexes: Vec<Index>,
    time_to_live_specification: TimeToLive,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Attribute {
    attribute_name: String,
    attribute_type: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Element {
    attribute_name: String,
    key_type: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Index {
    #[serde(rename = "IndexName")]
    name: String,
    key_schema: Vec<Element>,
    projection: IndexProjection,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct IndexProjection {
    projection_type: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TimeToLive {
    attribute_name: String,
    enabled: bool,
}

fn key_schema(elements: &[Element]) -> anyhow::Result<Vec<KeySchemaElement>> {
    let element = |element: &Element| {
        let name = element.attribute_name.as_str();
        KeySchemaElement::builder().attribute_name(name).key_type(element.key_type.as_str().into()).build()
    };
    Ok(elements.iter().map(element).collect::<Result<_, _>>()?)
}

/// Creates the table `name` where there is none, and completes one whose making was interrupted.
///
/// Point-in-time recovery and deletion protection are left out: they are for data that must last. So is the stream: nothing
/// here reads it, and with each write the engine of laptops looks through all that is in it, which slows it down for ever.
///
/// # Errors
/// If the template cannot be read or the table cannot be made.
pub async fn create(client: &Client, name: &str) -> anyhow::Result<()> {
    let template: Template = serde_saphyr::from_str(TEMPLATE).context("infra/template.yaml")?;
    let table = template.resources.table.properties;
    let mut request = client
        .create_table()
        .table_name(name)
        .billing_mode(table.billing_mode.as_str().into())
        .set_key_schema(Some(key_schema(&table.key_schema)?));
    for attribute in &table.attribute_definitions {
        let definition = AttributeDefinition::builder()
            .attribute_name(&attribute.attribute_name)
            .attribute_type(attribute.attribute_type.as_str().into());
        request = request.attribute_definitions(definition.build()?);
    }
    for index in &table.global_secondary_indexes {
        let kind = index.projection.projection_type.as_str().into();
        let definition = GlobalSecondaryIndex::builder()
            .index_name(&index.name)
            .set_key_schema(Some(key_schema(&index.key_schema)?))
            .projection(Projection::builder().projection_type(kind).build());
        request = request.global_secondary_indexes(definition.build()?);
    }
    match request.send().await {
        Ok(_) => {}
        Err(SdkError::ServiceError(error))
            if matches!(error.err(), CreateTableError::ResourceInUseException(_)) => {}
        Err(error) => return Err(error).context("the table cannot be created"),
    }
    client.wait_until_table_exists().table_name(name).wait(PATIENCE).await?;
    let described = client.describe_time_to_live().table_name(name).send().await?;
    let status = described.time_to_live_description.and_then(|description| description.time_to_live_status);
    if status != Some(TimeToLiveStatus::Enabled) {
        let time_to_live = TimeToLiveSpecification::builder()
            .attribute_name(table.time_to_live_specification.attribute_name)
            .enabled(table.time_to_live_specification.enabled)
            .build()?;
        client.update_time_to_live().table_name(name).time_to_live_specification(time_to_live).send().await?;
    }
    Ok(())
}
