//! The libraries, one row each. What a row does not say is [`COMMON`].

use super::dialect::Call::{Create, Delete, List, Read, Results, Score, Token, Update};
use super::dialect::Outcome::{Cleared, Refused, Shown};
use super::dialect::{COMMON, Dialect, FORM, ITEM, ITEMS, JSON, NONE, RESULTS, SCORE, vendor_type};

/// packbackbooks/lti-1-3-php-library.
pub(super) const PACKBACK: Dialect = Dialect {
    name: "packback",
    audience: r#"["TOKEN"]"#,
    times: &[("iat", -5), ("exp", 60)],
    jti: "lti-service-token",
    accept: |call| match call {
        Token => NONE,
        List => ITEMS,
        Results => RESULTS,
        Score | Delete => JSON,
        Read | Create | Update => ITEM,
    },
    scores: &[
        (
            r#"{"scoreGiven":8.5,"scoreMaximum":10,"activityProgress":"Completed","gradingProgress":"FullyGraded","timestamp":"2026-11-21T11:59:58+0000","userId":"ada","https:\/\/canvas.instructure.com\/lti\/submission":{"new_submission":false}}"#,
            Shown(8.5),
        ),
        (
            r#"{"scoreGiven":0,"scoreMaximum":10,"activityProgress":"Completed","gradingProgress":"FullyGraded","timestamp":"2026-11-21T11:59:59+0000","userId":"bob"}"#,
            Shown(0.0),
        ),
    ],
    good: |_| 200..=399,
    parses: &[Update, Score],
    // The first match of <([^>]*)>; ?rel="next", in any case.
    next: Some(|link| {
        link.split('<').find_map(|part| {
            let (url, rest) = part.split_once(">;")?;
            rest.trim_start_matches(' ').to_lowercase().starts_with(r#"rel="next""#).then(|| url.to_owned())
        })
    }),
    ..COMMON
};

/// celtic-project/LTI-PHP. Reads with the `lineitem` scope.
pub(super) const CELTIC: Dialect = Dialect {
    name: "celtic",
    audience: r#"["TOKEN"]"#,
    scope_comes_first: true,
    scopes: |_| "lineitem result.readonly score",
    token_members: &["access_token", "expires_in", "scope"],
    accept: |call| match call {
        Token => JSON,
        List => ITEMS,
        Read => ITEM,
        Results => RESULTS,
        Create | Update | Score | Delete => "*/*",
    },
    content_type: |call| match call {
        Token => "application/x-www-form-urlencoded; charset=UTF-8",
        Create | Update | Delete => "application/vnd.ims.lis.v2.lineitem+json; charset=UTF-8",
        Score => "application/vnd.ims.lis.v1.score+json; charset=UTF-8",
        List | Read | Results => NONE,
    },
    results_query: "limit=500",
    create: r#"{"label":"\u00dcbung","scoreMaximum":10,"tag":"t-1","startDateTime":"2026-09-01T08:00:00+00:00"}"#,
    scores: &[
        (
            r#"{"scoreGiven":8.5,"scoreMaximum":10,"comment":"","activityProgress":"Completed","gradingProgress":"FullyGraded","timestamp":"2026-11-21T11:59:58.548480+00:00","userId":"ada"}"#,
            Shown(8.5),
        ),
        (
            r#"{"scoreGiven":"4.25","scoreMaximum":10,"comment":"","activityProgress":"Completed","gradingProgress":"FullyGraded","timestamp":"2026-11-21T11:59:59.000017+00:00","userId":"bob"}"#,
            Shown(4.25),
        ),
    ],
    good: |_| 200..=299,
    item_members: &["id", "label", "scoreMaximum"],
    parses: &[Score],
    // Each part between commas must be one URL and one rel, with or without quotes, and nothing else.
    next: Some(|link| {
        link.split(',').find_map(|part| {
            let (url, relation) = part.trim().strip_prefix('<')?.split_once(">; rel=")?;
            (relation.trim_matches('"') == "next").then(|| url.to_owned())
        })
    }),
    ..COMMON
};

/// oat-sa/lib-lti1p3-ags. Puts back what it was given.
pub(super) const OAT: Dialect = Dialect {
    name: "oat",
    audience: r#"["ISSUER","TOKEN"]"#,
    times: &[("iat", 0), ("nbf", 0), ("exp", 600)],
    scopes: |call| match call {
        List | Read => "lineitem lineitem.readonly",
        Create | Update | Delete => "lineitem",
        Score => "score",
        Results | Token => "result.readonly",
    },
    token_members: &["access_token", "expires_in"],
    accept: |call| match call {
        List => ITEMS,
        Read => ITEM,
        Results => RESULTS,
        Token | Create | Update | Score | Delete => NONE,
    },
    update: r#"{"id":"ITEM","label":"Essay 2","scoreMaximum":10,"resourceId":"r-1","tag":"t-2","https://x.example/y":{"a":[1]},"z":null}"#,
    scores: &[
        (
            r#"{"userId":"ada","activityProgress":"Completed","gradingProgress":"FullyGraded","timestamp":"2026-11-21T11:59:58.972+00:00","scoreGiven":8.5,"scoreMaximum":10,"x":1}"#,
            Shown(8.5),
        ),
        (
            r#"{"userId":"bob","activityProgress":"Completed","gradingProgress":"FullyGraded","timestamp":"2026-11-21T11:59:59.003+00:00","scoreGiven":0,"scoreMaximum":10}"#,
            Shown(0.0),
        ),
    ],
    good: |call| if call == Token { 200..=201 } else { 200..=204 },
    item_members: &["label", "scoreMaximum"],
    parses: &[Update],
    // The text before the first semicolon, whatever relation it has.
    next: Some(|link| {
        let url = link.split(';').next()?.trim().strip_prefix('<')?.strip_suffix('>')?;
        link.contains(r#"rel="next""#).then(|| url.to_owned())
    }),
    ..COMMON
};

/// 1EdTech's own PHP library of 2020. Drops zeros from what it sends, so that its 0 arrives as no score.
pub(super) const IMSGLOBAL: Dialect = Dialect {
    name: "imsglobal",
    audience: r#""ISSUER""#,
    times: &[("iat", -5), ("exp", 60)],
    jti: "lti-service-token",
    calls: &[Create, List, Score, Results],
    accept: |call| match call {
        List => ITEMS,
        Results => RESULTS,
        Score => JSON,
        Token => "*/*",
        Create | Read | Update | Delete => ITEM,
    },
    scores: &[
        (
            r#"{"scoreGiven":8.5,"scoreMaximum":10,"activityProgress":"Completed","gradingProgress":"FullyGraded","timestamp":"2026-11-21T11:59:58+0000","userId":"ada"}"#,
            Shown(8.5),
        ),
        (
            r#"{"scoreMaximum":10,"activityProgress":"Completed","gradingProgress":"FullyGraded","timestamp":"2026-11-21T11:59:59+0000","userId":"ada"}"#,
            Cleared,
        ),
    ],
    ..COMMON
};

/// tsugiproject/tsugi-php. Times in whole seconds: two posts in one second are equally late.
pub(super) const TSUGI: Dialect = Dialect {
    name: "tsugi",
    kid: None,
    scopes: |_| "lineitem score result.readonly",
    accept: |call| match call {
        List => ITEMS,
        Read => ITEM,
        Score => SCORE,
        Results => RESULTS,
        Token | Create | Update | Delete => "*/*",
    },
    content_type: |call| if call == Results { RESULTS } else { vendor_type(call) },
    create: r#"{"scoreMaximum":10,"label":"Essay","resourceId":"","tag":"t-1"}"#,
    update: r#"{"scoreMaximum":10,"label":"Essay 2","resourceId":"","tag":"t-2"}"#,
    scores: &[
        (
            r#"{"timestamp":"2026-11-21T11:59:59+00:00","userId":"ada","activityProgress":"Completed","gradingProgress":"FullyGraded","scoreGiven":4,"scoreMaximum":10,"comment":"A"}"#,
            Shown(4.0),
        ),
        (
            r#"{"timestamp":"2026-11-21T11:59:59+00:00","userId":"ada","activityProgress":"Completed","gradingProgress":"FullyGraded","scoreGiven":8.5,"scoreMaximum":10,"comment":"B"}"#,
            Shown(8.5),
        ),
        (
            r#"{"timestamp":"2026-11-21T11:59:59+00:00","userId":"ada","activityProgress":"Completed","gradingProgress":"FullyGraded","scoreGiven":null,"scoreMaximum":10}"#,
            Cleared,
        ),
    ],
    ..COMMON
};

/// The sender of nbgrader's grades, in forks of `IllumiDesk`. Its local times without a zone are what AGS 94 refuses.
pub(super) const NBGRADER: Dialect = Dialect {
    name: "nbgrader",
    times: &[("iat", -5), ("exp", 60)],
    token_members: &["token_type", "access_token"],
    calls: &[List, Read, Score],
    accept: |call| if call == Token { NONE } else { ITEMS },
    content_type: |call| match call {
        Token => FORM,
        Score => SCORE,
        _ => ITEM,
    },
    scores: &[
        (
            r#"{"timestamp":"2026-11-21T11:59:58.535641","userId":"ada","scoreGiven":8.5,"scoreMaximum":10,"gradingProgress":"FullyGraded","activityProgress":"Completed","comment":""}"#,
            Refused("timestamp"),
        ),
        (
            r#"{"timestamp":"2026-11-21T11:59:58.535641Z","userId":"ada","scoreGiven":8.5,"scoreMaximum":10,"gradingProgress":"FullyGraded","activityProgress":"Completed","comment":""}"#,
            Shown(8.5),
        ),
    ],
    next: Some(|link| {
        let part = link.split(',').find(|part| part.contains("next"))?;
        Some(part.split_once('<')?.1.split_once('>')?.0.to_owned())
    }),
    ..COMMON
};

/// Simon-Initiative/lti_1p3, of OLI Torus. Finds by the first hit, sends no `id` and no tag in a PUT.
pub(super) const TORUS: Dialect = Dialect {
    name: "torus",
    times: &[("iat", 0), ("nbf", 0), ("exp", 7200)],
    scopes: |_| "lineitem score",
    token_members: &["access_token", "token_type", "expires_in", "scope"],
    calls: &[Create, List, Update, Score],
    accept: |call| match call {
        Token | Score => NONE,
        _ => ITEMS,
    },
    content_type: |call| if call == List { ITEM } else { vendor_type(call) },
    list_queries: &["limit=1000", "resource_id=r-1&limit=1"],
    create: r#"{"label":"Essay","scoreMaximum":10,"resourceId":"r-1"}"#,
    update: r#"{"label":"Essay 2","scoreMaximum":10,"resourceId":"r-1"}"#,
    scores: &[
        (
            r#"{"timestamp":"2026-11-21T11:59:58Z","scoreGiven":8.5,"scoreMaximum":10.0,"comment":null,"activityProgress":"Completed","gradingProgress":"FullyGraded","userId":"ada"}"#,
            Shown(8.5),
        ),
        (
            r#"{"timestamp":"2026-11-21T11:59:59Z","scoreGiven":0.0,"scoreMaximum":10.0,"comment":null,"activityProgress":"Completed","gradingProgress":"FullyGraded","userId":"bob"}"#,
            Shown(0.0),
        ),
    ],
    good: |call| match call {
        Token | Update => 200..=200,
        _ => 200..=201,
    },
    parses: &[Update],
    ..COMMON
};

/// Unicon/tool13demo. Numbers are strings, absent members null, and the `id` in a PUT is the end of the URL.
pub(super) const UNICON: Dialect = Dialect {
    name: "unicon",
    times: &[("iat", 0), ("nbf", 0), ("exp", 3600)],
    kid: Some("DEFAULT_KID"),
    scopes: |call| match call {
        List | Read => "lineitem.readonly",
        Create | Update | Delete => "lineitem",
        Score => "score",
        Results | Token => "result.readonly",
    },
    accept: |call| match call {
        Score => NONE,
        Delete => "text/plain, application/json, application/*+json, */*",
        _ => "application/json, application/*+json",
    },
    create: r#"{"id":null,"scoreMaximum":"10","label":"Essay","resourceId":"r-1","tag":"t-1","resourceLinkId":null,"startDateTime":null,"endDateTime":null}"#,
    update: r#"{"id":"UUID","scoreMaximum":"10","label":"Essay 2","resourceId":"r-1","tag":null,"resourceLinkId":null,"startDateTime":null,"endDateTime":null}"#,
    scores: &[
        (
            r#"{"userId":"ada","scoreMaximum":"10","scoreGiven":"8.5","activityProgress":"Completed","gradingProgress":"FullyGraded","timestamp":"2026-11-21T11:59:58.535Z"}"#,
            Shown(8.5),
        ),
        (
            r#"{"userId":"bob","scoreMaximum":"10","scoreGiven":"0","comment":null,"activityProgress":"Completed","gradingProgress":"FullyGraded","timestamp":"2026-11-21T11:59:59.1Z"}"#,
            Shown(0.0),
        ),
    ],
    parses: &[Update],
    reads_types: true,
    // Of the first header, the part that has the relation; it is then URL-decoded, so that an escape would be lost.
    next: Some(|link| {
        let part = link.split(',').find(|part| part.contains(r#"rel="next""#))?;
        let url = part.split_once('<')?.1.split_once('>')?.0;
        (!url.contains(['%', '+'])).then(|| url.to_owned())
    }),
    joins_urls: true,
    ..COMMON
};
