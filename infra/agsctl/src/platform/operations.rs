//! What the operator can do on the LMS's side: a command for each route of the platform's router.

/// What a command sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// No body.
    Nothing,
    /// A JSON object that the operator writes as `name=value`.
    Members,
    /// Always this.
    Always(&'static str),
}

/// What a command gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gives {
    /// One object.
    One,
    /// Nothing but success.
    Nothing,
    /// Lists, in pages that name the next one.
    Pages,
    /// Reports of work, until one of them says `done`.
    Reports,
}

/// A command, and the request that it makes.
#[derive(Debug)]
pub struct Operation {
    /// The first word of the command.
    pub group: &'static str,
    /// The second.
    pub verb: &'static str,
    /// What it is for.
    pub about: &'static str,
    /// The method.
    pub method: &'static str,
    /// The route; its parameters are arguments, in their order.
    pub route: &'static str,
    /// Options, each with the parameter of the query that it stands for.
    pub query: &'static [(&'static str, &'static str)],
    /// What it sends.
    pub takes: Takes,
    /// What it gets.
    pub gives: Gives,
}

/// The first words, and what each is about.
pub const GROUPS: [(&str, &str); 9] = [
    ("lms", "The LMS: which programs may use the platform's routes"),
    ("tools", "The tools and what each may do"),
    ("contexts", "Courses"),
    ("placements", "Which tools are in which course"),
    ("links", "Resource links, their settings, and the claim for a launch"),
    ("lineitems", "The columns of the gradebook"),
    ("grades", "What learners have, and what instructors decide"),
    ("users", "What is held on a person"),
    ("purges", "What nobody needs any more"),
];

const fn read(
    group: &'static str,
    verb: &'static str,
    about: &'static str,
    route: &'static str,
    gives: Gives,
) -> Operation {
    Operation { group, verb, about, method: "GET", route, query: &[], takes: Takes::Nothing, gives }
}

const fn put(group: &'static str, verb: &'static str, about: &'static str, route: &'static str) -> Operation {
    Operation { method: "PUT", takes: Takes::Members, ..read(group, verb, about, route, Gives::One) }
}

const fn delete(
    group: &'static str,
    verb: &'static str,
    about: &'static str,
    route: &'static str,
    gives: Gives,
) -> Operation {
    Operation { method: "DELETE", ..read(group, verb, about, route, gives) }
}

const fn change(
    group: &'static str,
    verb: &'static str,
    about: &'static str,
    route: &'static str,
    takes: Takes,
) -> Operation {
    Operation { method: "PATCH", takes, ..read(group, verb, about, route, Gives::One) }
}

const SINCE: (&str, &str) = ("since", "since");
const ON: Takes = Takes::Always(r#"{"enabled":true}"#);
const OFF: Takes = Takes::Always(r#"{"enabled":false}"#);

const LMS: &str = "/platform/lms/{client}";
const TOOL: &str = "/platform/tools/{client}";
const CONTEXT: &str = "/platform/contexts/{context}";
const PLACEMENT: &str = "/platform/contexts/{context}/tools/{client}";
const LINK: &str = "/platform/contexts/{context}/tools/{client}/links/{link}";
const GRADE: &str = "/platform/contexts/{context}/tools/{client}/lineitems/{item}/grades/{user}";
const OVERRIDE: &str = "/platform/contexts/{context}/tools/{client}/lineitems/{item}/grades/{user}/override";
const COMMENT: &str = "/platform/contexts/{context}/tools/{client}/lineitems/{item}/grades/{user}/comment";

/// Every command.
pub const OPERATIONS: &[Operation] = &[
    read("lms", "list", "Show every LMS", "/platform/lms", Gives::Pages),
    read("lms", "show", "Show one", LMS, Gives::One),
    put("lms", "put", "Register one, or replace its registration", LMS),
    change("lms", "enable", "Let it in again", LMS, ON),
    change("lms", "disable", "Refuse it from its next request on", LMS, OFF),
    read("tools", "list", "Show every tool", "/platform/tools", Gives::Pages),
    read("tools", "show", "Show one", TOOL, Gives::One),
    put("tools", "put", "Register one, or replace its registration", TOOL),
    change("tools", "change", "Change some members of a registration", TOOL, Takes::Members),
    change("tools", "enable", "Let it in again", TOOL, ON),
    change("tools", "disable", "Refuse it from its next request on", TOOL, OFF),
    read("contexts", "show", "Show a course", CONTEXT, Gives::One),
    put("contexts", "put", "Make a course known, or change its title", CONTEXT),
    Operation {
        method: "POST",
        takes: Takes::Members,
        ..read(
            "contexts",
            "copy",
            "Copy a course's links and line items into another one",
            "/platform/contexts/{context}/copies",
            Gives::Pages,
        )
    },
    read(
        "placements",
        "list",
        "Show the tools of a course",
        "/platform/contexts/{context}/tools",
        Gives::Pages,
    ),
    read("placements", "show", "Show one", PLACEMENT, Gives::One),
    put("placements", "put", "Place a tool in a course", PLACEMENT),
    delete(
        "placements",
        "delete",
        "Take a tool out of a course; what it has stays",
        PLACEMENT,
        Gives::Nothing,
    ),
    read(
        "placements",
        "claim",
        "Show what goes into a launch without a link",
        "/platform/contexts/{context}/tools/{client}/claim",
        Gives::One,
    ),
    read(
        "links",
        "list",
        "Show a tool's links in a course",
        "/platform/contexts/{context}/tools/{client}/links",
        Gives::Pages,
    ),
    read("links", "show", "Show one", LINK, Gives::One),
    put("links", "put", "Make a link known, or change it", LINK),
    delete("links", "delete", "Remove a link with its line items", LINK, Gives::Nothing),
    Operation {
        query: &[("user", "user_id")],
        ..read(
            "links",
            "claim",
            "Show what goes into a launch",
            "/platform/contexts/{context}/tools/{client}/links/{link}/claim",
            Gives::One,
        )
    },
    Operation {
        query: &[SINCE],
        ..read(
            "links",
            "grades",
            "Show the grades on a link's line items",
            "/platform/contexts/{context}/tools/{client}/links/{link}/grades",
            Gives::Pages,
        )
    },
    put(
        "links",
        "progress",
        "Record how far a learner has come",
        "/platform/contexts/{context}/tools/{client}/links/{link}/progress/{user}",
    ),
    read(
        "lineitems",
        "list",
        "Show a tool's line items in a course, deleted ones too",
        "/platform/contexts/{context}/tools/{client}/lineitems",
        Gives::Pages,
    ),
    Operation {
        method: "POST",
        ..read(
            "lineitems",
            "restore",
            "Bring back one that was deleted less than 30 days ago",
            "/platform/contexts/{context}/tools/{client}/lineitems/{item}/restore",
            Gives::One,
        )
    },
    Operation {
        query: &[SINCE],
        ..read(
            "lineitems",
            "grades",
            "Show the grades on one",
            "/platform/contexts/{context}/tools/{client}/lineitems/{item}/grades",
            Gives::Pages,
        )
    },
    Operation {
        query: &[("user", "user_id"), SINCE],
        ..read(
            "grades",
            "list",
            "Show the grades of a course",
            "/platform/contexts/{context}/grades",
            Gives::Pages,
        )
    },
    read("grades", "show", "Show a learner's grade", GRADE, Gives::One),
    read(
        "grades",
        "history",
        "Show what led to it",
        "/platform/contexts/{context}/tools/{client}/lineitems/{item}/grades/{user}/history",
        Gives::Pages,
    ),
    put("grades", "override", "Give a learner points in an instructor's name", OVERRIDE),
    Operation {
        query: &[("by", "by"), ("reason", "reason")],
        ..delete("grades", "unoverride", "Take them back: the tool's count again", OVERRIDE, Gives::Nothing)
    },
    put("grades", "comment", "Comment in an instructor's name", COMMENT),
    Operation {
        query: &[("by", "by")],
        ..delete("grades", "uncomment", "Take the comment back", COMMENT, Gives::Nothing)
    },
    read(
        "users",
        "export",
        "Show everything that is held on a person",
        "/platform/users/{user}",
        Gives::Pages,
    ),
    delete(
        "users",
        "erase",
        "Remove everything that is held on a person",
        "/platform/users/{user}",
        Gives::Reports,
    ),
    Operation {
        method: "POST",
        ..read(
            "purges",
            "run",
            "Remove line items that were deleted more than 30 days ago, with their results",
            "/platform/purges",
            Gives::Reports,
        )
    },
];
