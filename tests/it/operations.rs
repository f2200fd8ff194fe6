//! The operations guide, and the template that it is about.

use std::collections::BTreeSet;

use ags_tests::sources::read;

/// The names in a section of the template that `chosen` takes, by the line below the name.
fn named(template: &str, section: &str, chosen: impl Fn(&str) -> bool) -> BTreeSet<String> {
    let lines: Vec<_> = template.lines().collect();
    let begin = lines.iter().position(|line| *line == format!("{section}:")).unwrap();
    let below = lines[begin + 1..].iter().take_while(|line| line.is_empty() || line.starts_with([' ', '#']));
    let below: Vec<_> = below.collect();
    let names = below.windows(2).filter(|pair| chosen(pair[1]));
    let names = names.filter_map(|pair| pair[0].strip_prefix("  ")?.strip_suffix(':'));
    names.filter(|name| !name.starts_with([' ', '#'])).map(str::to_owned).collect()
}

/// What stands in backticks in the first column of the guide's tables.
fn explained(guide: &str, heading: &str) -> BTreeSet<String> {
    let (_, rest) = guide.split_once(&format!("\n## {heading}\n")).unwrap();
    let chapter = rest.split("\n## ").next().unwrap();
    let cells = chapter.lines().filter_map(|line| line.strip_prefix("| ")?.split(" |").next());
    cells.flat_map(|cell| cell.split('`').skip(1).step_by(2)).map(str::to_owned).collect()
}

#[test]
fn the_operations_guide_explains_every_parameter_and_alarm_of_the_template_and_no_others() {
    let (template, guide) = (read("infra/template.yaml"), read("infra/README.md"));
    assert_eq!(explained(&guide, "Deploy"), named(&template, "Parameters", |_| true));
    let alarms = named(&template, "Resources", |below| below == "    Type: AWS::CloudWatch::Alarm");
    assert!(alarms.len() > 5, "{alarms:?}");
    assert_eq!(explained(&guide, "When an alarm goes off"), alarms);
}

#[test]
fn the_operations_guide_tells_what_each_output_of_the_template_is_for() {
    let (template, guide) = (read("infra/template.yaml"), read("infra/README.md"));
    let outputs = named(&template, "Outputs", |_| true);
    assert!(outputs.contains("Issuer"), "{outputs:?}");
    for output in outputs {
        assert!(guide.contains(&format!("`{output}`")), "{output}");
    }
}

#[test]
fn every_file_that_a_guide_leads_to_is_there() {
    for (guide, place) in [
        ("README.md", ""),
        ("CHANGELOG.md", ""),
        ("infra/README.md", "infra/"),
        ("functions/platform/README.md", "functions/platform/"),
    ] {
        let text = read(guide);
        let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        let files = targets.map(|target| target.split('#').next().unwrap_or_default());
        let ours = files.filter(|file| !file.is_empty() && !file.contains("://"));
        for file in ours {
            let path = format!("{}/../{place}{file}", env!("CARGO_MANIFEST_DIR"));
            assert!(std::path::Path::new(&path).exists(), "{guide} leads to {file}");
        }
    }
}
